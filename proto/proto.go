// Package proto holds the .proto files of the options, for programs that compile
// tables without a checkout of this module.
package proto

import "embed"

// Options holds codetable/v1/codetable.proto and its import
// codetable/v1/grpc_code.proto.
//
//go:embed codetable/v1/*.proto
var Options embed.FS
