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

Modelled, as documented: the paths of verify and loginTokenVerify (v1, v2, h5),
queryBusinessRisk, /action/check and /v1/admin/open; Basic authentication; field
names; failure bodies; single-use tokens; the limits of a number and of an
application in calendar windows; the RSA-encrypted phone of a login reply.

Guessed, as the documentation is silent: HTTP statuses (200 for every code, or
-native-status), the order of checks, which call counts against which limit, an
id beside 9001, 9012 for malformed input, captcha blobs (each passes once), the
risk score (a hundred times the last digit of the number).

Reserved tokens, also as captchaContent, as the phone of queryBusinessRisk and
as app_key:
  code-N                   answers N
  riskcheck-N              succeeds, with riskCheck.code N in v2 replies
  then-success-N-ANYTHING  answers N the first time, then succeeds
  fault-KIND               succeeds, and delivers the reply with a fault
  then-success-fault-KIND-ANYTHING
                           the same the first time, then merely succeeds
And for verify and login only:
  phone-DIGITS-ANYTHING    a live token of that number, good for one use

Faults (KIND): the call is answered, and its token spent; then
  latency    the reply comes late (-latency)
  hang       no reply comes until the client leaves (or -hang-limit)
  reset      the connection is reset
  truncated  the JSON ends halfway
  html502    a page with status 502 comes instead
  slow       the reply comes byte by byte (-trickle)
  mediatype  the reply says that it is text/html
  gzip       the reply is compressed, whether or not the client accepts that

A load profile gives shares of all other tokens, in percent, a code, the
endpoint's own success, or a fault; what is left is answered as modelled:
  -mix success=90,9003=5,1804=3,fault-html502=1.5 -seed 1

The package documentation has the details. Never pass real credentials: other
users of this machine can read a command line.

Flags:
`

// settings are what the flags say. There is none for the lifetime of a token:
// only a program that embeds the simulator can have tokens issued, and phone-
// tokens have no age.
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
	flags.StringVar(&c.AppKey, "app-key", c.AppKey, "user `name` of all paths but /v1/admin/open")
	flags.StringVar(&c.MasterSecret, "master-secret", c.MasterSecret, "`password` to -app-key")
	flags.StringVar(&c.DevKey, "dev-key", c.DevKey, "user `name` of /v1/admin/open")
	flags.StringVar(&c.DevSecret, "dev-secret", c.DevSecret, "`password` to -dev-key")

	flags.DurationVar(&c.NumberGap, "number-gap", c.NumberGap, "least `duration` between two verifications of a number, 9005; 0 is no limit")
	flags.IntVar(&c.NumberDailyLimit, "number-daily-limit", c.NumberDailyLimit, "verifications of one number in a day, at most `n`, 9006; 0 is no limit")
	flags.IntVar(&c.AppDailyLimit, "app-daily-limit", c.AppDailyLimit, "verifications in a day, at most `n`, 9007; 0 is no limit")
	flags.IntVar(&c.AppHourlyLimit, "app-hourly-limit", c.AppHourlyLimit, "captcha checks in an hour, at most `n`, 6005; 0 is no limit")
	flags.IntVar(&c.QPS, "qps", c.QPS, "risk assessments in a second, at most `n`, 1804; 0 is no limit")

	flags.Func("zone", "time `zone` in which days and hours begin (default Asia/Shanghai)", s.setZone)
	flags.Func("captcha-success-code", "`code` of a captcha that passed (default 0)", s.setCaptchaCode)
	flags.BoolVar(&c.NativeStatus, "native-status", c.NativeStatus, "answer with the HTTP status that fits the code")

	flags.Func("mix", "load `profile`: shares of codes and faults, as above (default none)", s.setMix)
	flags.Uint64Var(&c.Seed, "seed", c.Seed, "`number` that makes -mix repeatable")
	flags.DurationVar(&c.Latency, "latency", c.Latency, "`duration` by which fault-latency is late")
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
