package command

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
	_ "time/tzdata" // so that -zone works where no database is installed

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

const about = `Simulates the JiGuang JVerification REST API over plain HTTP.

Modelled from the documentation: the paths of verify and loginTokenVerify (v1, v2, h5),
queryBusinessRisk, /action/check and /v1/admin/open; Basic authentication; field
names; failure bodies; single-use tokens; the limits of a number and of an
application in calendar windows; the RSA-encrypted phone of a login reply.

Guessed, since the documentation does not say: HTTP statuses (200 for every
code, or -native-status), the order of checks, what each limit counts, an id
beside 9001, 9012 for malformed input, captcha content (each passes once), the
risk score (a hundred times the last digit of the number).

Reserved tokens, also as captchaContent, as the phone of queryBusinessRisk and
as app_key:
  code-N                   answers N
  riskcheck-N              succeeds, with riskCheck.code N in v2 replies
  then-success-N-ANYTHING  answers N the first time, then succeeds
  fault-KIND               succeeds, and sends the reply with a fault
  then-success-fault-KIND-ANYTHING
                           the same the first time, then succeeds
For verify and login only:
  phone-DIGITS-ANYTHING    a valid token of that number for one call

Faults (KIND), after the call was answered and its token spent:
  latency    the reply is late (-latency)
  hang       no reply until the client leaves (or -hang-limit)
  reset      the connection is reset
  truncated  half of the JSON is sent
  html502    a page with status 502 is sent instead
  slow       the reply is sent byte by byte (-trickle)
  mediatype  the reply says that it is text/html
  gzip       the reply is compressed, whether or not the client accepts that

A load profile answers shares of all other tokens, in percent, with a code, with
success, or with a fault. The model answers the rest:
  -mix success=90,9003=5,1804=3,fault-html502=1.5 -seed 1

The package documentation has the details. Do not pass real credentials: other
users of this machine can read a command line.

Flags:
`

// settings are the values of the flags. The lifetime of a token has none: only a
// program that embeds the simulator can issue tokens, and phone- tokens do not expire.
type settings struct {
	addr    string
	keyFile string
	config  simulator.Config
}

// parse returns a usageError, or flag.ErrHelp once help is on stdout.
func parse(args []string, stdout io.Writer) (*settings, error) {
	set := &settings{config: simulator.DefaultConfig()}
	flags := flag.NewFlagSet("simulator", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the caller prints the error
	set.define(flags)
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, about)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return nil, err
	case err != nil:
		return nil, usageError{err}
	case flags.NArg() > 0:
		return nil, usageError{fmt.Errorf("unexpected argument %q", flags.Arg(0))}
	case set.keyFile != "" && set.config.PublicKey != nil:
		return nil, usageError{errors.New("-public-key and -private-key-out exclude each other")}
	}
	return set, nil
}

func (s *settings) define(flags *flag.FlagSet) {
	c := &s.config
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8089", "`address` to listen on; port 0 picks a free one")
	flags.StringVar(&c.AppKey, "app-key", c.AppKey, "user `name` for all paths except /v1/admin/open")
	flags.StringVar(&c.MasterSecret, "master-secret", c.MasterSecret, "`password` for -app-key")
	flags.StringVar(&c.DevKey, "dev-key", c.DevKey, "user `name` for /v1/admin/open")
	flags.StringVar(&c.DevSecret, "dev-secret", c.DevSecret, "`password` for -dev-key")

	flags.DurationVar(&c.NumberGap, "number-gap", c.NumberGap, "least `duration` between two verifications of a number (9005); 0 is no limit")
	flags.IntVar(&c.NumberDailyLimit, "number-daily-limit", c.NumberDailyLimit, "largest `number` of verifications of a number in a day (9006); 0 is no limit")
	flags.IntVar(&c.AppDailyLimit, "app-daily-limit", c.AppDailyLimit, "largest `number` of verifications in a day (9007); 0 is no limit")
	flags.IntVar(&c.AppHourlyLimit, "app-hourly-limit", c.AppHourlyLimit, "largest `number` of captcha checks in an hour (6005); 0 is no limit")
	flags.IntVar(&c.QPS, "qps", c.QPS, "largest `number` of risk assessments in a second (1804); 0 is no limit")

	flags.Func("zone", "time `zone` in which days and hours begin (default Asia/Shanghai)", s.setZone)
	flags.Func("captcha-success-code", "`code` of a captcha that passed (default 0)", s.setCaptchaCode)
	flags.BoolVar(&c.NativeStatus, "native-status", c.NativeStatus, "answer with the HTTP status that fits the code")

	flags.Func("mix", "load `profile`: shares of codes and faults, as above (default none)", s.setMix)
	flags.Uint64Var(&c.Seed, "seed", c.Seed, "`number` that makes -mix repeatable")
	flags.DurationVar(&c.Latency, "latency", c.Latency, "delay of fault-latency, a `duration`")
	flags.DurationVar(&c.HangLimit, "hang-limit", c.HangLimit, "`duration` after which fault-hang resets the connection")
	flags.DurationVar(&c.Trickle, "trickle", c.Trickle, "`duration` before each byte of fault-slow")

	flags.Func("public-key", "`file` with the RSA public key for login replies; without a key they are 9022", s.setPublicKey)
	flags.StringVar(&s.keyFile, "private-key-out", "", "make a key pair for login replies and write its private half to this new `file`")
}

func (s *settings) setZone(name string) (err error) {
	s.config.Zone, err = time.LoadLocation(name)
	return err
}

func (s *settings) setCaptchaCode(text string) error {
	n, err := strconv.ParseInt(text, 10, 32)
	s.config.CaptchaSuccessCode = int32(n)
	return err
}

func (s *settings) setMix(text string) (err error) {
	s.config.Mix, err = simulator.ParseMix(text)
	return err
}

func (s *settings) setPublicKey(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	s.config.PublicKey, err = simulator.ParsePublicKey(text)
	return err
}
