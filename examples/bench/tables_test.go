package bench_test

import (
	"fmt"
	"strconv"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/runtime/protoimpl"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/codetable/grpc-codetable/examples/bench/internal/report"
	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// tables are the tables of one row of the report.
type tables struct{ report.Size }

// number is a code of each of the tables. Its row is the same in every size.
func (s tables) number() int {
	rows := len(jverificationv1.ResponseCode_name) - 1
	return s.Codes - 1 - (s.Codes-1)%rows + rows/2 - rows
}

// domain is the domain of one of the tables.
func (s tables) domain(table int) string {
	return fmt.Sprintf("t%d.of%d.with%d.example.com", table, s.Tables, s.Codes)
}

// growthCode is a generated enum type for all tables of this test: Go finds
// the table by the descriptor, and that of growthCode is growthEnum.
type growthCode int32

var growthEnum protoreflect.EnumDescriptor

func (growthCode) Descriptor() protoreflect.EnumDescriptor { return growthEnum }

func (growthCode) Type() protoreflect.EnumType { return nil }

func (c growthCode) Number() protoreflect.EnumNumber { return protoreflect.EnumNumber(c) }

// files returns one serialized .proto file for each table. Its codes have the
// options of the codes of JVerification, in turn, so that a row is as long as a
// real one.
func (s tables) files(tb testing.TB) [][]byte {
	tb.Helper()
	files := make([][]byte, s.Tables)
	for i := range files {
		raw, err := proto.Marshal(s.file(i))
		if err != nil {
			tb.Fatal(err)
		}
		files[i] = raw
	}
	return files
}

func (s tables) file(table int) *descriptorpb.FileDescriptorProto {
	model := protodesc.ToEnumDescriptorProto(jverificationv1.ResponseCode(0).Descriptor())
	options := proto.CloneOf(proto.GetExtension(model.GetOptions(), codetablev1.E_Table).(*codetablev1.Table))
	options.Domain = s.domain(table)
	enum := &descriptorpb.EnumDescriptorProto{Name: new("Code"), Options: &descriptorpb.EnumOptions{}}
	proto.SetExtension(enum.Options, codetablev1.E_Table, options)
	for i := range s.Codes {
		// The first value of the model is the success.
		row := model.GetValue()[0]
		if i > 0 {
			row = model.GetValue()[1+i%(len(model.GetValue())-1)]
		}
		enum.Value = append(enum.Value, &descriptorpb.EnumValueDescriptorProto{
			Name: new("CODE_" + strconv.Itoa(i)), Number: new(int32(i)), Options: row.GetOptions(),
		})
	}
	return &descriptorpb.FileDescriptorProto{
		Name:       new(s.domain(table) + ".proto"),
		Package:    new(fmt.Sprintf("growth.of%d.with%d.t%d", s.Tables, s.Codes, table)),
		Syntax:     new("proto3"),
		Dependency: []string{codetablev1.File_codetable_v1_codetable_proto.Path()},
		EnumType:   []*descriptorpb.EnumDescriptorProto{enum},
	}
}

// link does with a serialized file what the init function of a generated
// package does: the descriptor is registered, and parsed on first use.
func link(raw []byte) protoreflect.EnumDescriptor {
	return protoimpl.TypeBuilder{
		File: protoimpl.DescBuilder{
			GoPackagePath: "growth", RawDescriptor: raw, NumEnums: 1,
		},
		GoTypes:           []any{growthCode(0)},
		DependencyIndexes: make([]int32, 5), // no methods, extensions or fields
		EnumInfos:         make([]protoimpl.EnumInfo, 1),
	}.Build().File.Enums().Get(0)
}
