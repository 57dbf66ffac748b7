package capability

import (
	"context"
	"errors"
	"os"
	"os/exec"
)

// comingDefault makes 8 KiB the size of the header list that grpc-go accepts by default, as a later
// version will. grpc-go reads it when the program starts.
const comingDefault = "GRPC_GO_EXPERIMENTAL_ENABLE_8KB_DEFAULT_HEADER_LIST_SIZE"

// ComingDefault returns false in a process with the coming default of grpc-go. In any other process
// it runs the program again with this default, and returns its exit code and true.
func ComingDefault(ctx context.Context) (code int, ran bool, err error) {
	if os.Getenv(comingDefault) == "true" {
		return 0, false, nil
	}
	path, err := os.Executable()
	if err != nil {
		return 0, false, err
	}
	command := exec.CommandContext(ctx, path, os.Args[1:]...) //nolint:gosec // the program runs itself
	command.Env = append(os.Environ(), comingDefault+"=true")
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = command.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), true, nil
	}
	return 0, true, err
}
