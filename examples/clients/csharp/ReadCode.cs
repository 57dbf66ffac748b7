// Prints what a failed call means. The arguments are the file of the descriptor set and the
// gRPC code of the call. Standard input is the value of the trailer grpc-status-details-bin.
using System;
using System.Globalization;
using System.IO;
using System.Linq;
using Codetable.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Code = Codetable.V1.Code; // Google.Rpc has another Code

public static class ReadCode
{
    public static int Main(string[] args)
    {
        if (args.Length != 2)
        {
            Console.Error.WriteLine("usage: ReadCode DESCRIPTOR_SET GRPC_CODE <DETAILS");
            return 2;
        }
        var registry = new ExtensionRegistry { CodetableExtensions.Table, CodetableExtensions.Code };
        var tables = FileDescriptorSet.Parser.WithExtensionRegistry(registry).ParseFrom(File.ReadAllBytes(args[0]));
        var status = Parse(Status.Parser, ByteString.FromStream(Console.OpenStandardInput()));
        var failed = status != null && status.Code != 0 && status.Code == int.Parse(args[1], CultureInfo.InvariantCulture);
        if (!failed || !Print(tables, status))
        {
            Console.WriteLine("no code");
        }
        return 0;
    }

    // Prints the first code of a known table. A failed call never has the code of a success.
    private static bool Print(FileDescriptorSet tables, Status status)
    {
        var sent = Details(status, RetryInfo.Parser).FirstOrDefault();
        foreach (var info in Details(status, ErrorInfo.Parser))
        {
            var table = tables.File.SelectMany(file => file.EnumType).FirstOrDefault(
                type => type.Options?.GetExtension(CodetableExtensions.Table)?.Domain == info.Domain);
            if (table == null || !TryGetNumber(info, out var number))
            {
                continue;
            }
            var value = table.Value.FirstOrDefault(candidate => candidate.Number == number);
            var code = value?.Options?.GetExtension(CodetableExtensions.Code) ?? new Code();
            if (code.HasGrpcCode && code.GrpcCode == GrpcCode.Ok)
            {
                continue;
            }
            var delay = sent != null ? sent.RetryDelay : code.Retry?.Delay;
            Console.WriteLine($"{number} {value?.Name ?? "(not listed)"}");
            Console.WriteLine($"fault: {code.Fault}");
            Console.WriteLine($"retry: {code.Retry?.Action ?? RetryAction.Unspecified} after {Milliseconds(delay)} ms");
            return true;
        }
        return false;
    }

    // A delay is never negative, and at most the longest one of 64 bits of nanoseconds.
    private static long Milliseconds(Duration delay)
    {
        const long longest = long.MaxValue / 1000000;
        var seconds = Math.Max(0, Math.Min(delay?.Seconds ?? 0, longest / 1000));
        return Math.Max(0, Math.Min(seconds * 1000 + (delay?.Nanos ?? 0) / 1000000, longest));
    }

    // Servers send the number of the code as a decimal in the metadata.
    private static bool TryGetNumber(ErrorInfo info, out int number)
    {
        number = 0;
        return info.Metadata.TryGetValue("code", out var text)
            && !text.StartsWith("+", StringComparison.Ordinal)
            && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    // Returns the details of a type that can be parsed.
    private static System.Collections.Generic.IEnumerable<T> Details<T>(Status status, MessageParser<T> parser)
        where T : class, IMessage<T>, new()
    {
        var name = new T().Descriptor.FullName;
        return status.Details
            .Where(detail => detail.TypeUrl.EndsWith("/" + name, StringComparison.Ordinal))
            .Select(detail => Parse(parser, detail.Value))
            .Where(message => message != null);
    }

    private static T Parse<T>(MessageParser<T> parser, ByteString bytes) where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
