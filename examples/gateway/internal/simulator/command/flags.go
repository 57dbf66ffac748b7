package command

import (
	"crypto/rsa"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
	_ "time/tzdata" // so that -zone works where no database is installed

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

// about is the help without the flags.
//
//go:embed help.txt
var about string

// parse returns a usageError, or flag.ErrHelp once help is on stdout.
func parse(flags *flag.FlagSet, args []string, stdout io.Writer) error {
	flags.SetOutput(io.Discard) // the caller prints the error
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, about)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return err
	case err != nil:
		return usageError{err}
	case flags.NArg() > 0:
		return usageError{fmt.Errorf("unexpected argument %q", flags.Arg(0))}
	}
	return nil
}

// define adds the flags of a Config. The lifetime of a token has none: only a program
// that embeds the simulator can issue tokens, and phone- tokens do not expire.
func define(flags *flag.FlagSet, c *simulator.Config) {
	flags.StringVar(&c.AppKey, "app-key", c.AppKey, "user `name` for all paths except /v1/admin/open")
	flags.StringVar(&c.MasterSecret, "master-secret", c.MasterSecret, "`password` for -app-key")
	flags.StringVar(&c.DevKey, "dev-key", c.DevKey, "user `name` for /v1/admin/open")
	flags.StringVar(&c.DevSecret, "dev-secret", c.DevSecret, "`password` for -dev-key")

	flags.DurationVar(&c.NumberGap, "number-gap", c.NumberGap, "least `duration` between two verifications of a number (9005); 0 is no limit")
	flags.IntVar(&c.NumberDailyLimit, "number-daily-limit", c.NumberDailyLimit, "largest `number` of verifications of a number in a day (9006); 0 is no limit")
	flags.IntVar(&c.AppDailyLimit, "app-daily-limit", c.AppDailyLimit, "largest `number` of verifications in a day (9007); 0 is no limit")
	flags.IntVar(&c.AppHourlyLimit, "app-hourly-limit", c.AppHourlyLimit, "largest `number` of captcha checks in an hour (6005); 0 is no limit")
	flags.IntVar(&c.QPS, "qps", c.QPS, "largest `number` of risk assessments in a second (1804); 0 is no limit")

	flags.IntVar(&c.Balance, "balance", c.Balance, "`number` of billed answers that the account pays for (9018, 1805 after them); 0 is no limit")

	flags.Func("zone", "time `zone` in which days and hours begin (default Asia/Shanghai)", setting(&c.Zone, time.LoadLocation))
	flags.IntVar(&c.CaptchaSuccessCode, "captcha-success-code", c.CaptchaSuccessCode, "`code` of a captcha that passed (default 0)")
	flags.BoolVar(&c.NativeStatus, "native-status", c.NativeStatus, "answer with the HTTP status that fits the code")

	flags.Func("mix", "load `profile`: shares of codes and faults, as above (default none)", setting(&c.Mix, simulator.ParseMix))
	flags.Uint64Var(&c.Seed, "seed", c.Seed, "`number` that makes -mix repeatable")
	flags.DurationVar(&c.Latency, "latency", c.Latency, "delay of fault-latency, a `duration`")
	flags.DurationVar(&c.HangLimit, "hang-limit", c.HangLimit, "`duration` after which fault-hang resets the connection")
	flags.DurationVar(&c.Trickle, "trickle", c.Trickle, "`duration` before each byte of fault-slow")

	flags.Func("public-key", "`file` with the RSA public key for login replies; without a key they are 9022", setting(&c.PublicKey, readPublicKey))
}

// setting returns a function that parses the text of a flag into value.
func setting[T any](value *T, parse func(text string) (T, error)) func(string) error {
	return func(text string) (err error) {
		*value, err = parse(text)
		return err
	}
}

func readPublicKey(path string) (*rsa.PublicKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return simulator.ParsePublicKey(text)
}
