package peer

import (
	"maps"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// NumberKey is the key of the number in the metadata of google.rpc.ErrorInfo.
const NumberKey = "code"

// Facts are what a server tells of a failure.
type Facts struct {
	// GRPC is the code of the gRPC status.
	GRPC codes.Code
	// Domain, Reason and Number identify the failure.
	Domain, Reason string
	Number         int32
	// Text is the message of the status.
	Text string
	// Delay is the time to wait before a retry, or 0.
	Delay time.Duration
	// Quota is the subject of the limit that was exceeded, or "". Limit describes this limit; clients
	// do not read it.
	Quota, Limit string
	// Metadata is what the server adds to the domain and the reason, without the number.
	Metadata map[string]string

	// Sentence and Language are for the end user. Only clients have them.
	Sentence, Language string
	// Unlinked is a detail of a type that this program does not link. Only clients have it.
	Unlinked *anypb.Any
}

// FactsOf returns the facts of a code as the table states them.
func FactsOf(code Code) *Facts {
	spec, _ := codetable.Lookup(code)
	facts := &Facts{
		GRPC: spec.GRPCCode(), Domain: spec.Domain(), Reason: spec.Reason(), Number: spec.Number(),
		Text: spec.Notes(), Delay: spec.Retry().Delay,
	}
	if detail, subject := spec.Detail(); detail == codetablev1.DetailType_DETAIL_TYPE_QUOTA_FAILURE {
		facts.Quota, facts.Limit = subject, spec.Notes()
	}
	return facts
}

// details returns the facts as the standard details of google.rpc, as codetable sends them.
func (f *Facts) details() []protoadapt.MessageV1 {
	info := &errdetails.ErrorInfo{Domain: f.Domain, Reason: f.Reason, Metadata: f.metadata()}
	details := make([]protoadapt.MessageV1, 0, 3) // as the arguments of WithDetails, without a second allocation
	details = append(details, info)
	if f.Delay > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(f.Delay)})
	}
	if f.Quota != "" {
		details = append(details, &errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{
			{Subject: f.Quota, Description: f.Limit},
		}})
	}
	return details
}

// metadata returns Metadata with the number.
func (f *Facts) metadata() map[string]string {
	all := make(map[string]string, len(f.Metadata)+1)
	maps.Copy(all, f.Metadata)
	all[NumberKey] = strconv.Itoa(int(f.Number))
	return all
}

// setMetadata is the reverse of metadata.
func (f *Facts) setMetadata(all map[string]string) {
	f.Number, _ = number(all)
	for key, value := range all {
		if key == NumberKey {
			continue
		}
		if f.Metadata == nil {
			f.Metadata = map[string]string{}
		}
		f.Metadata[key] = value
	}
}

// number returns the number in the metadata of an ErrorInfo.
func number(metadata map[string]string) (int32, bool) {
	n, err := strconv.ParseInt(metadata[NumberKey], 10, 32)
	return int32(n), err == nil
}

// numberIn returns the number in the first ErrorInfo of a status.
func numberIn(st *status.Status) (int32, bool) {
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return number(info.GetMetadata())
		}
	}
	return 0, false
}

// fromStatus reads the facts from the standard details of a status.
func fromStatus(st *status.Status) Facts {
	facts := Facts{GRPC: st.Code(), Text: st.Message()}
	for _, detail := range st.Proto().GetDetails() {
		facts.add(detail)
	}
	return facts
}

// add reads one detail.
func (f *Facts) add(detail *anypb.Any) {
	message, err := detail.UnmarshalNew()
	if err != nil {
		f.Unlinked = detail
		return
	}
	f.addMessage(message)
}

func (f *Facts) addMessage(message proto.Message) {
	switch message := message.(type) {
	case *errdetails.ErrorInfo:
		f.Domain, f.Reason = message.GetDomain(), message.GetReason()
		f.setMetadata(message.GetMetadata())
	case *errdetails.RetryInfo:
		f.Delay = message.GetRetryDelay().AsDuration()
	case *errdetails.QuotaFailure:
		for _, violation := range message.GetViolations() {
			f.Quota = violation.GetSubject()
		}
	case *errdetails.LocalizedMessage:
		f.Language, f.Sentence = message.GetLocale(), message.GetMessage()
	}
}
