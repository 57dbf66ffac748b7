package demo

import (
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// responseCode tells an unset code from SUCCESS, which GetCode can't.
func responseCode(r response) (jverificationv1.ResponseCode, bool) {
	message, ok := r.(proto.Message)
	if !ok {
		return 0, false
	}
	reflected := message.ProtoReflect()
	field := reflected.Descriptor().Fields().ByName("code")
	return r.GetCode(), field != nil && reflected.Has(field)
}

// details returns those of one type.
func details[M proto.Message](st *status.Status) []M {
	var list []M
	for _, detail := range st.Details() {
		if m, ok := detail.(M); ok {
			list = append(list, m)
		}
	}
	return list
}

// detailNames are the short names of the details, in order.
func detailNames(st *status.Status) []string {
	list := st.Proto().GetDetails()
	names := make([]string, 0, len(list))
	for _, raw := range list {
		names = append(names, string(raw.MessageName().Name()))
	}
	return names
}

func localized(st *status.Status) string {
	if messages := details[*errdetails.LocalizedMessage](st); len(messages) > 0 {
		return messages[0].GetMessage()
	}
	return ""
}
