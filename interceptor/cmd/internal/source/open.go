package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Open reads a named version of tables: a folder of .proto files, an image ("-"
// is stdin), or a commit of a local git repository, as in "git#ref=main" and
// "git#ref=v1.2.0,subdir=proto". imports are folders where the compiler looks
// for imports too.
func Open(ctx context.Context, name string, stdin io.Reader, imports ...string) (*Set, error) {
	switch commit, ok, err := parseCommit(name); {
	case err != nil:
		return nil, err
	case ok:
		return commit.load(ctx, imports)
	}
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return Proto(ctx, []string{name}, imports...)
	case name != "-" && errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: no such folder or image; a commit is named git#ref=REF", name)
	default:
		return Image(name, stdin)
	}
}
