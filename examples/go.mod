module github.com/codetable/grpc-codetable/examples

go 1.26.0
