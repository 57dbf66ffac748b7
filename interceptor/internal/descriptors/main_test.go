package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
)

// TestSet parses what is written: the set has every .proto file of the project
// and needs no other file.
func TestSet(t *testing.T) {
	t.Parallel()
	var raw bytes.Buffer
	if err := write(&raw); err != nil {
		t.Fatal(err)
	}
	set := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(raw.Bytes(), set); err != nil {
		t.Fatal(err)
	}
	linked, err := protodesc.NewFiles(set)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"google/rpc/status.proto", "google/rpc/error_details.proto"}
	root := filepath.Join("..", "..", "..", "proto")
	err = fs.WalkDir(os.DirFS(root), ".", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".proto") {
			want = append(want, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range want {
		if _, err := linked.FindFileByPath(path); err != nil {
			t.Error(err)
		}
	}
}
