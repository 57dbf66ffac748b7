package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/grpc/credentials/insecure"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/programtest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// asCommand makes the test binary the command itself.
const asCommand = "GATEWAY_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		Main()
	}
	m.Run()
}

// holdingUpstream tells of each call that it gets, and answers when released.
func holdingUpstream(t *testing.T) (url string, entered, release chan struct{}) {
	t.Helper()
	entered, release = make(chan struct{}), make(chan struct{})
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost { // and no probe
			entered <- struct{}{}
			<-release
		}
		fmt.Fprint(w, `{"code":9000}`)
	}))
	t.Cleanup(upstream.Close)
	return upstream.URL, entered, release
}

// startProcess runs the command until the test ends, with a limit of descriptors if
// it is not 0. Its error is nil where it
// exited with 0.
func startProcess(t *testing.T, env []string, limit int, file string, args ...string) (*running, *os.Process, <-chan error) {
	t.Helper()
	r := &running{stdout: programtest.NewOutput(), log: programtest.NewOutput()}
	args = append([]string{"-c", `exec "$0" "$@"`, os.Args[0], "-config", write(t, "log-format: json\n"+file), "-addr", "127.0.0.1:0"}, args...)
	if limit != 0 {
		args[1] = fmt.Sprintf("ulimit -n %d && ", limit) + args[1]
	}
	command := exec.CommandContext(t.Context(), "sh", args...)
	command.Env = append(append(os.Environ(), asCommand+"=1"), env...)
	command.Stdout, command.Stderr = r.stdout, r.log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		err := command.Wait()
		fmt.Fprintf(r.log, `the process ended: "gateway is listening","address":"-" "web is listening","url":"-" shutting down`+"\n") // ends each wait for a line
		ended <- err
	}()
	return r, command.Process, ended
}

// startCalls makes a call on the native listener, and two on the other one, each
// of which tells whether it was answered.
func startCalls(t *testing.T, r *running) (answers chan bool, calls int) {
	t.Helper()
	answers = make(chan bool)
	client, web := r.client(t, insecure.NewCredentials()), r.web(t)
	go func() {
		_, err := client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
		answers <- err == nil
	}()
	paths := []string{"/v1/numbers:verify", jverificationv1.VerificationService_VerifyNumber_FullMethodName}
	for _, path := range paths {
		go func() { answers <- answered(t, http.DefaultClient, web+path) }()
	}
	return answers, 1 + len(paths)
}

// TestSIGTERM ends a real process that has calls under way.
func TestSIGTERM(t *testing.T) {
	t.Parallel()
	url, entered, release := holdingUpstream(t)
	r, process, ended := startProcess(t, []string{"JVERIFICATION_MASTER_SECRET=" + secret}, 0,
		"app-key: key\ntimeout: 1m\ngrace: 1m\nupstream-url: "+url)
	answers, calls := startCalls(t, r)
	for range calls {
		select {
		case <-entered:
		case <-answers:
			t.Fatalf("a call ended before the upstream answered:\n%s", r.log)
		}
	}
	if err := process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	r.log.Await(t, `(shutting down)`)
	close(release)
	for range calls {
		if !<-answers {
			t.Error("a call under way was lost")
		}
	}
	if err := <-ended; err != nil || strings.Contains(r.log.String(), "cutting off") {
		t.Errorf("the process ended with %v:\n%s", err, r.log)
	}
}
