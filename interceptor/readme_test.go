package interceptor_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/selector"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// relayService answers with the code of its upstream.
type relayService struct {
	jverificationv1.UnimplementedVerificationServiceServer
	ask func() (jverificationv1.ResponseCode, error)
}

func (s relayService) VerifyNumber(context.Context, *jverificationv1.VerifyNumberRequest) (*jverificationv1.VerifyNumberResponse, error) {
	code, err := s.ask()
	if err != nil {
		return nil, err
	}
	if err := codetable.NewError(code); err != nil {
		return nil, fmt.Errorf("ask upstream: %w", err)
	}
	return &jverificationv1.VerifyNumberResponse{Code: code.Enum()}, nil
}

func (s relayService) CheckCaptcha(context.Context, *jverificationv1.CheckCaptchaRequest) (*jverificationv1.CheckCaptchaResponse, error) {
	_, err := s.ask()
	return nil, err
}

// This is the code of the README: four lines in a server and two in a client.
func Example_readme() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	target, credentials := listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials())

	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(interceptor.UnaryServerInterceptor()),
		grpc.ChainStreamInterceptor(interceptor.StreamServerInterceptor()),
	)

	conn, err := grpc.NewClient(target, credentials,
		grpc.WithChainUnaryInterceptor(interceptor.UnaryClientInterceptor()),
		grpc.WithChainStreamInterceptor(interceptor.StreamClientInterceptor()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = conn.Close() }()

	jverificationv1.RegisterVerificationServiceServer(server, relayService{ask: func() (jverificationv1.ResponseCode, error) {
		return jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST, nil
	}})
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()

	_, err = jverificationv1.NewVerificationServiceClient(conn).VerifyNumber(context.Background(), &jverificationv1.VerifyNumberRequest{})
	switch code, ok := codetable.CodeOf[jverificationv1.ResponseCode](err); {
	case !ok:
		fmt.Println("no code:", status.Code(err))
	case code == jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST:
		e, _ := codetable.FromError(err)
		fmt.Println(e.Reason(), e.Fault(), e.Retry(), e.UserMessage("zh-CN"))
	}
	// Output: TOKEN_EXPIRED_OR_NOT_EXIST FAULT_END_USER NEW_INPUT 验证已过期，请重新开始验证。
}

// A running service adopts the interceptors in steps. In this step every method
// sends codes, and one method already sends the retry advice of the table.
func ExampleWithoutRetryPushback() {
	unmapped := interceptor.WithUnmapped(func(_ context.Context, err error) error {
		if errors.Is(err, sql.ErrNoRows) {
			return codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_CONFIG_NOT_FOUND)
		}
		return err // the default: Internal, a fixed text, a correlation id
	})
	obeys := selector.MatchFunc(func(_ context.Context, c interceptors.CallMeta) bool { return c.Method == "VerifyNumber" })
	server := grpc.NewServer(grpc.ChainUnaryInterceptor(
		interceptor.UnaryServerInterceptor(unmapped, interceptor.WithoutRetryPushback()),
		selector.UnaryServerInterceptor(interceptor.UnaryServerInterceptor(unmapped), obeys),
	))

	jverificationv1.RegisterVerificationServiceServer(server, relayService{ask: func() (jverificationv1.ResponseCode, error) {
		return 0, fmt.Errorf("select app of 10.0.0.7: %w", sql.ErrNoRows)
	}})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = conn.Close() }()

	var trailer metadata.MD
	client := jverificationv1.NewVerificationServiceClient(conn)
	_, err = client.VerifyNumber(context.Background(), &jverificationv1.VerifyNumberRequest{}, grpc.Trailer(&trailer))
	fmt.Println(err, trailer["grpc-retry-pushback-ms"])
	_, err = client.CheckCaptcha(context.Background(), &jverificationv1.CheckCaptchaRequest{}, grpc.Trailer(&trailer))
	fmt.Println(err, trailer["grpc-retry-pushback-ms"])
	// Output:
	// rpc error: code = FailedPrecondition desc = Failed to fetch configuration [-1]
	// rpc error: code = FailedPrecondition desc = Failed to fetch configuration []
}

const readme = "../README.md"

var codeBlock = regexp.MustCompile("(?s)```([a-z]+)\n(.*?)```")

// Each Go block of the README is a quotation of tested code. The tests in
// folder recipes run the blocks of one section.
func TestReadmeQuotesCodeThatRuns(t *testing.T) {
	t.Parallel()
	text, tested := read(t, readme), unindented(read(t, "readme_test.go"))
	table := section(t, text, "Your own table")
	blocks := 0
	for _, block := range codeBlock.FindAllStringSubmatch(strings.Replace(text, table, "", 1), -1) {
		switch {
		case block[1] == "sh", block[1] == "console": // the recipes run the transcripts
		case block[1] != "go":
			t.Errorf("no test runs this %s:\n%s", block[1], block[2])
		default:
			blocks++
			if !strings.Contains(tested, unindented(block[2])) {
				t.Errorf("not in readme_test.go:\n%s", block[2])
			}
		}
	}
	if blocks == 0 {
		t.Error("the README shows no Go")
	}
}

// libraries has the sources of each library that the README lists.
var libraries = map[string]string{
	"connect-go":   "connectcodetable",
	"TypeScript":   "typescript/src",
	"Python":       "python/src",
	"Java, Kotlin": "java/codetable-grpc/src/main",
	"Rust":         "rust/src",
}

var backquoted = regexp.MustCompile("`(\\w+)")

// Each name that the README has for a language is in the library of the language.
func TestReadmeNamesWhatTheLibrariesHave(t *testing.T) {
	t.Parallel()
	languages := section(t, read(t, readme), "Other languages")
	for language, folder := range libraries {
		row := regexp.MustCompile(`(?m)^\| \[` + language + `\].*$`).FindString(languages)
		cells := strings.Split(row, "|")
		if len(cells) != 6 {
			t.Errorf("%s: the row is %q", language, row)
			continue
		}
		sources := readAll(t, folder)
		for _, name := range backquoted.FindAllStringSubmatch(cells[3]+cells[4], -1) {
			if !regexp.MustCompile(`\b` + name[1] + `\b`).MatchString(sources) {
				t.Errorf("%s: the library has no %s", language, name[1])
			}
		}
	}
}

func readAll(t *testing.T, folder string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			all.WriteString(path + "\n" + read(t, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// The versions in the README are the versions in go.mod, with which every test
// is built.
func TestReadmeStatesTestedVersions(t *testing.T) {
	t.Parallel()
	text := read(t, readme)
	for name, line := range map[string]string{
		"Go":                 `(?m)^go (\S+)$`,
		"grpc-go":            `(?m)^\tgoogle\.golang\.org/grpc v(\S+)$`,
		"protobuf-go":        `(?m)^\tgoogle\.golang\.org/protobuf v(\S+)$`,
		"go-grpc-middleware": `(?m)^\tgithub\.com/grpc-ecosystem/go-grpc-middleware/v2 v(\S+)$`,
	} {
		for _, path := range []string{"../go.mod", "../examples/go.mod"} {
			version := regexp.MustCompile(line).FindStringSubmatch(read(t, path))
			if version == nil {
				t.Fatalf("%s demands no version of %s", path, name)
			}
			if want := name + " " + version[1]; !regexp.MustCompile(`\b` + regexp.QuoteMeta(want) + `[,.\s]`).MatchString(text) {
				t.Errorf("%s has %q, and the README does not say so", path, want)
			}
		}
	}
}

func TestReadmeListsEveryOption(t *testing.T) {
	t.Parallel()
	text := read(t, readme)
	for _, option := range regexp.MustCompile(`(?m)^func (With\w+)`).FindAllStringSubmatch(read(t, "option.go"), -1) {
		if !strings.Contains(text, "| `"+option[1]+"(") {
			t.Errorf("the options of the README lack %s", option[1])
		}
	}
}

func TestReadmeStaysShort(t *testing.T) {
	t.Parallel()
	text := read(t, readme)
	const maxLines = 200
	if lines := strings.Count(text, "\n"); lines > maxLines {
		t.Errorf("the README has %d lines, want at most %d", lines, maxLines)
	}
	if first := codeBlock.FindStringSubmatch(text); !strings.HasPrefix(first[2], "make demo ") || !strings.Contains(first[2], "\nmake test ") {
		t.Errorf("the README does not open with the two commands, but with\n%s", first[2])
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

func TestLinksOfDocumentsExist(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs/design.md", "docs/fuzzing.md", "docs/proof.md", "docs/faq.md", "docs/compatibility.md",
		"examples/README.md", "examples/gateway/README.md", "examples/gateway/docs/operate.md", "examples/gateway/web/README.md", "examples/clients/go/README.md",
		"examples/clients/typescript/README.md", "examples/clients/python/README.md", "examples/clients/java/README.md", "examples/clients/rust/README.md",
	} {
		for _, target := range link.FindAllStringSubmatch(codeBlock.ReplaceAllString(read(t, "../"+name), ""), -1) {
			if strings.HasPrefix(target[1], "https://") {
				continue
			}
			path, anchor, _ := strings.Cut(target[1], "#")
			path = filepath.Join(filepath.Dir(name), path)
			if strings.HasPrefix(target[1], "#") {
				path = name
			}
			if _, err := os.Stat(filepath.Join("..", path)); err != nil {
				t.Errorf("%s: %v", name, err)
			} else if anchor != "" && !slices.Contains(anchors(read(t, "../"+path)), anchor) {
				t.Errorf("%s: %s has no heading #%s", name, path, anchor)
			}
		}
	}
}

// anchors returns the anchors that GitHub gives to the headings of a document.
func anchors(document string) []string {
	var list []string
	for _, h := range heading.FindAllStringSubmatch(document, -1) {
		list = append(list, strings.ReplaceAll(regexp.MustCompile(`[^\w -]`).ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-"))
	}
	return list
}

// section returns the part of a document under a heading.
func section(t *testing.T, document, title string) string {
	t.Helper()
	_, rest, ok := strings.Cut(document, "\n## "+title+"\n")
	if !ok {
		t.Fatalf("no section %q", title)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	return rest
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func unindented(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}
