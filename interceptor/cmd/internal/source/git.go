package source

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	gitTimeout = 30 * time.Second // for one run of git
	maxListing = 32 << 20         // bytes of the list of the files of a commit
)

// commit is a commit of a local git repository.
type commit struct {
	repository string // a folder in it, or its .git folder
	ref        string // a branch, a tag or the ID of the commit
	subdir     string // the folder that is read, or "" for all
}

// parseCommit parses "git#ref=REF" with an optional ",subdir=DIR". In place of
// "git", which is the repository of the working directory, it takes the path of
// a .git folder. It reports whether name has this form.
func parseCommit(name string) (c commit, ok bool, err error) {
	repository, fragment, ok := strings.Cut(name, "#")
	if !ok || repository != "git" && path.Ext(repository) != ".git" {
		return c, false, nil
	}
	c.repository = repository
	if repository == "git" {
		c.repository = "."
	}
	for part := range strings.SplitSeq(fragment, ",") {
		switch key, value, _ := strings.Cut(part, "="); key {
		case "ref":
			c.ref = value
		case "subdir":
			c.subdir = strings.Trim(path.Clean("/"+value), "/")
		default:
			return c, true, usageError(fmt.Sprintf("%s: unknown part %q: want git#ref=REF or git#ref=REF,subdir=DIR", name, part))
		}
	}
	if c.ref == "" {
		err = usageError(name + ": the ref is missing: want git#ref=REF or git#ref=REF,subdir=DIR")
	}
	return c, true, err
}

// String returns the commit as it is typed.
func (c commit) String() string {
	name := "git"
	if c.repository != "." {
		name = c.repository
	}
	name += "#ref=" + c.ref
	if c.subdir != "" {
		name += ",subdir=" + c.subdir
	}
	return name
}

// load compiles the .proto files of the commit. It reads the objects of the
// repository, and not its working tree.
func (c commit) load(ctx context.Context, imports []string) (*Set, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, fmt.Errorf("%s: git is not installed: install it, or name a folder or an image", c)
	}
	id, err := c.git(ctx, "", "rev-parse", "--verify", "--quiet", "--end-of-options", c.ref+"^{commit}")
	if err != nil {
		return nil, fmt.Errorf("%s: no such commit: %w (git fetch gets what the clone lacks)", c, err)
	}
	listing, err := c.git(ctx, "", "ls-tree", "-r", "-z", "-l", "--full-tree", strings.TrimSpace(string(id))+":"+c.subdir)
	if err != nil {
		return nil, fmt.Errorf("%s: the commit has no folder %q, or the repository lacks its files: %w", c, c.subdir, err)
	}
	blobs, err := sourceBlobs(string(listing))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c, err)
	}
	return c.compile(ctx, blobs, imports)
}

// compile writes the files to a temporary folder for the compiler. Errors and
// Set.Paths name the commit in place of this folder.
func (c commit) compile(ctx context.Context, blobs []blob, imports []string) (set *Set, err error) {
	dir, err := os.MkdirTemp("", "codetable")
	if err != nil {
		return nil, fmt.Errorf("%s: make a folder for its files: %w", c, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := c.extract(ctx, blobs, dir); err != nil {
		return nil, fmt.Errorf("%s: %w", c, err)
	}
	set, err = Proto(ctx, []string{dir}, imports...)
	if err != nil {
		return nil, errors.New(strings.ReplaceAll(err.Error(), dir, c.String()))
	}
	for name, file := range set.Paths {
		set.Paths[name] = strings.Replace(file, dir, c.String(), 1)
	}
	return set, nil
}

// git runs git with bounded time and output. A partial clone must not fetch
// objects from the network.
func (c commit) git(ctx context.Context, stdin string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, gitTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, "git", args...) //nolint:gosec // the arguments are those of this file; a ref follows --end-of-options
	command.Dir = c.repository
	command.Env = append(c.environment(), "GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	command.Stdin = strings.NewReader(stdin)
	out, complaint := &limited{room: maxListing + maxBytes}, &limited{room: 1 << 10}
	command.Stdout, command.Stderr = out, complaint
	err := command.Run()
	switch {
	case err == nil:
		return out.Bytes(), nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("git %s: %w", args[0], context.Cause(ctx))
	default:
		return nil, fmt.Errorf("git %s: %s", args[0], cmp.Or(strings.TrimSpace(complaint.String()), err.Error()))
	}
}

// environment returns the environment of git. In a hook, git sets variables that
// name the repository of the hook. They must not replace a named repository.
func (c commit) environment() []string {
	env := os.Environ()
	if c.repository == "." {
		return env
	}
	return slices.DeleteFunc(env, func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{
			"GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
		}, name)
	})
}

// limited is a buffer with room for a number of bytes. It fails after these.
type limited struct {
	bytes.Buffer
	room int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > l.room {
		return 0, fmt.Errorf("more than %d bytes: %w", l.room, io.ErrShortWrite)
	}
	return l.Buffer.Write(p)
}

// blob is a file in a commit.
type blob struct{ path, id string }

const symbolicLink = "120000" // the mode of one in a tree

// sourceBlobs returns the files that Proto reads from the output of
// git ls-tree -z -l. Its entries are "mode type id size\tpath".
func sourceBlobs(listing string) (blobs []blob, err error) {
	total := 0
	for entry := range strings.SplitSeq(listing, "\x00") {
		header, name, _ := strings.Cut(entry, "\t")
		fields := strings.Fields(header)
		if !isSource(name) || len(fields) != 4 || fields[1] != "blob" || fields[0] == symbolicLink {
			continue
		}
		size, err := strconv.Atoi(fields[3])
		if err != nil {
			return nil, fmt.Errorf("git ls-tree: the size of %q: %w", name, err)
		}
		blobs = append(blobs, blob{name, fields[2]})
		if total += size; total > maxBytes || len(blobs) > maxFiles {
			return nil, fmt.Errorf("more than %d .proto files or %d MiB: name a folder with subdir=DIR", maxFiles, maxBytes>>20)
		}
	}
	return blobs, nil
}

func isSource(name string) bool {
	base := path.Base(name)
	return path.Ext(name) == ".proto" || base == "buf.yaml" || base == "buf.work.yaml"
}

// extract writes blobs to a folder, which their paths can't leave.
func (c commit) extract(ctx context.Context, blobs []blob, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	var ids strings.Builder
	for _, b := range blobs {
		fmt.Fprintln(&ids, b.id)
	}
	raw, err := c.git(ctx, ids.String(), "cat-file", "--batch")
	if err != nil {
		return err
	}
	in := bytes.NewBuffer(raw)
	for _, b := range blobs {
		// The output is "id type size\n", the content, and "\n".
		var id, kind string
		var size int
		if _, err := fmt.Fscanf(in, "%s %s %d\n", &id, &kind, &size); err != nil || size < 0 || size >= in.Len() {
			return fmt.Errorf("git cat-file: %s can't be read", b.path)
		}
		if err := root.MkdirAll(path.Dir(b.path), 0o700); err != nil {
			return err
		}
		if err := root.WriteFile(b.path, in.Next(size), 0o600); err != nil {
			return err
		}
		in.Next(1)
	}
	return nil
}
