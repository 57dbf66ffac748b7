// Prints what a failed call means. The arguments are the file of the descriptor set and the
// gRPC code of the call. Standard input is the value of the trailer grpc-status-details-bin.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>

#include "codetable/v1/codetable.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

using google::protobuf::EnumValueDescriptorProto;
using google::protobuf::FileDescriptorSet;

// Servers send the number of the code as a decimal in the metadata.
std::optional<int> NumberOf(const google::rpc::ErrorInfo& info) {
  auto entry = info.metadata().find("code");
  if (entry == info.metadata().end()) return std::nullopt;
  const char* end = entry->second.data() + entry->second.size();
  int number = 0;
  auto [rest, error] = std::from_chars(entry->second.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

// Returns a value of the table with this domain, without name and options if the table does
// not list the number. Returns nothing if no table has the domain.
std::optional<EnumValueDescriptorProto> Find(const FileDescriptorSet& tables, const std::string& domain, int number) {
  for (const auto& file : tables.file()) {
    for (const auto& type : file.enum_type()) {
      if (!type.options().HasExtension(codetable::v1::table)) continue;
      if (type.options().GetExtension(codetable::v1::table).domain() != domain) continue;
      for (const auto& value : type.value()) {
        if (value.number() == number) return value;
      }
      return EnumValueDescriptorProto();
    }
  }
  return std::nullopt;
}

// A delay is never negative, and at most the longest one of 64 bits of nanoseconds.
std::int64_t Milliseconds(const google::protobuf::Duration& delay) {
  const std::int64_t longest = INT64_MAX / 1000000;
  std::int64_t seconds = std::clamp<std::int64_t>(delay.seconds(), 0, longest / 1000);
  return std::clamp<std::int64_t>(seconds * 1000 + delay.nanos() / 1000000, 0, longest);
}

// Prints the first code of a known table. A failed call never has the code of a success.
bool Print(const FileDescriptorSet& tables, const google::rpc::Status& status) {
  google::rpc::RetryInfo sent;
  auto unpacked = std::find_if(status.details().begin(), status.details().end(),
                               [&sent](const auto& detail) { return detail.UnpackTo(&sent); });
  google::rpc::ErrorInfo info;
  for (const auto& detail : status.details()) {
    if (!detail.UnpackTo(&info)) continue;
    auto number = NumberOf(info);
    auto value = number ? Find(tables, info.domain(), *number) : std::nullopt;
    if (!value) continue;
    const auto& code = value->options().GetExtension(codetable::v1::code);
    if (code.has_grpc_code() && code.grpc_code() == codetable::v1::GRPC_CODE_OK) continue;
    const auto& delay = unpacked != status.details().end() ? sent.retry_delay() : code.retry().delay();
    std::cout << *number << " " << (value->has_name() ? value->name() : "(not listed)") << "\n"
              << "fault: " << Fault_Name(code.fault()) << "\n"
              << "retry: " << RetryAction_Name(code.retry().action()) << " after "
              << Milliseconds(delay) << " ms\n";
    return true;
  }
  return false;
}

int main(int argc, char** argv) {
  FileDescriptorSet tables;
  std::ifstream file(argc == 3 ? argv[1] : "", std::ios::binary);
  if (!file || !tables.ParseFromIstream(&file)) {
    std::cerr << "usage: read_code DESCRIPTOR_SET GRPC_CODE <DETAILS\n";
    return 2;
  }
  google::rpc::Status status;
  bool failed = status.ParseFromIstream(&std::cin) && status.code() != 0 && status.code() == std::atoi(argv[2]);
  if (!failed || !Print(tables, status)) std::cout << "no code\n";
}
