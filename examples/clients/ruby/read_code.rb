# Prints what a failed call means. The arguments are the file of the descriptor set and the
# gRPC code of the call. Standard input is the value of the trailer grpc-status-details-bin.
require 'google/protobuf/descriptor_pb'
require 'google/protobuf/well_known_types'
require 'codetable/v1/codetable_pb'
require 'google/rpc/error_details_pb'
require 'google/rpc/status_pb'

# Ruby can't read extensions, so these messages have the options as a field.
POOL = Google::Protobuf::DescriptorPool.generated_pool
POOL.add_serialized_file(Google::Protobuf::FileDescriptorProto.new(
  name: 'options.proto', syntax: 'proto3', dependency: ['codetable/v1/codetable.proto'],
  message_type: %w[Table Code].map do |type|
    field = { name: 'value', number: 79_142, type: :TYPE_MESSAGE, label: :LABEL_OPTIONAL, type_name: ".codetable.v1.#{type}" }
    Google::Protobuf::DescriptorProto.new(name: "#{type}Option", field: [Google::Protobuf::FieldDescriptorProto.new(field)])
  end
).to_proto)

def option(type, options)
  options && POOL.lookup("#{type}Option").msgclass.decode(options.to_proto).value
end

# Returns the details of a type that can be parsed.
def details(status, type)
  status.details.select { |detail| detail.is(type) }.filter_map do |detail|
    detail.unpack(type)
  rescue Google::Protobuf::ParseError
    nil
  end
end

# Servers send the number of the code as a decimal in the metadata.
def number_of(info)
  text = info.metadata['code']
  text.to_i if text&.match?(/\A-?\d+\z/) && text.to_i.bit_length < 32
end

# A delay is never negative, and at most the longest one of 64 bits of nanoseconds.
def milliseconds(delay)
  delay ? (delay.seconds * 1000 + delay.nanos / 1_000_000).clamp(0, (2**63 - 1) / 1_000_000) : 0
end

# Prints the first code of a known table. A failed call never has the code of a success.
def print_code(tables, status)
  sent = details(status, Google::Rpc::RetryInfo).first
  details(status, Google::Rpc::ErrorInfo).each do |info|
    table = tables.file.flat_map { |file| file.enum_type.to_a }.find { |type| option('Table', type.options)&.domain == info.domain }
    number = number_of(info)
    next unless table && number

    value = table.value.find { |candidate| candidate.number == number }
    code = option('Code', value&.options) || Codetable::V1::Code.new
    next if code.has_grpc_code? && code.grpc_code == :GRPC_CODE_OK

    delay = sent ? sent.retry_delay : code.retry&.delay
    puts "#{number} #{value&.name || '(not listed)'}"
    puts "fault: #{code.fault}"
    puts "retry: #{code.retry&.action || :RETRY_ACTION_UNSPECIFIED} after #{milliseconds(delay)} ms"
    return true
  end
  false
end

tables = Google::Protobuf::FileDescriptorSet.decode(File.binread(ARGV[0]))
begin
  status = Google::Rpc::Status.decode($stdin.binmode.read)
rescue Google::Protobuf::ParseError
  status = nil
end
failed = status && status.code != 0 && status.code == ARGV[1].to_i
puts 'no code' unless failed && print_code(tables, status)
