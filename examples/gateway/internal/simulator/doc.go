// Package simulator models the JiGuang JVerification REST API, so that a client
// of it can be tried on one machine, without an account and without a bill.
//
// It is written from the published documentation alone and shares no code with
// the library that this project tests against it.
//
// # Modelled, because it is documented
//
//   - Paths: /v1/web/verify, /v2/web/verify, /v1/web/loginTokenVerify and
//     /v2/web/loginTokenVerify, each also below h5/ (/v1/web/h5/verify);
//     /v2/web/queryBusinessRisk; /action/check; /v1/admin/open. The last lives
//     on a host of its own upstream; here one handler serves both hosts.
//   - POST of application/json with Basic authentication: the application's key
//     and master secret, or the developer's pair for /v1/admin/open.
//   - Field names, to the letter: a misspelt exID is not echoed. A phone number
//     may be a JSON number, as in the upstream's own sample.
//   - A failure is a code and its content, with neither id nor exID.
//   - An id that does not fit a float64: above 2^53 and always odd.
//   - Tokens that expire and that answer once: [Simulator.IssueToken].
//   - The limits of a number and of an application, in calendar windows of one
//     time zone, as parameters: [Config].
//   - The login reply's phone, encrypted with RSA (PKCS #1 v1.5) for the key of
//     the application's owner. Without a key the reply is 9022.
//   - riskCheck as a second code in a v2 reply: 9000 beside 1805 says that the
//     number was verified and its risk was not assessed.
//
// # Guessed, because the documentation does not say
//
//   - HTTP status: always 200, or fitting ones with [Config.NativeStatus]. A
//     path that does not exist is a plain 404 without a code.
//   - Order of checks: method, media type, authentication, body, token,
//     limits. A token is spent even when a limit then refuses the call, because
//     the guess that is hard on clients finds more of their faults.
//   - Which endpoint counts what: the limits of 9005 to 9007 count calls to
//     verify that had a live token; 6005 counts captcha checks, 1804 counts
//     risk assessments per calendar second, those inside v2 replies included.
//     Of several limits the one with the longest wait answers.
//   - 9001 carries an id and an exID, since it is an answer and is billed.
//   - Malformed input is 9012, and 1801 on the risk endpoint, where refused
//     credentials are 1802 too. /v1/admin/open answers 9202 for another
//     application's key and 9203 from the second time on.
//   - A captcha blob passes the first time, with [Config.CaptchaSuccessCode],
//     and is 7104 after that. Nothing in it is decrypted.
//   - The risk score is a hundred times the number's last digit.
//   - Zone of the calendar windows: Asia/Shanghai.
//   - The text beside a code that the published table does not list.
//
// # Reserved tokens
//
// These values have a meaning in token, loginToken and captchaContent, in the
// phone of queryBusinessRisk and in the app_key of /v1/admin/open. Except for
// the last they touch no limit and may be sent again and again.
//
//	code-N                   answers N, any int32: code-9005, code--1
//	riskcheck-N              succeeds; a v2 reply then carries riskCheck.code N
//	then-success-N-ANYTHING  answers N the first time, then succeeds
//	fault-KIND               succeeds, and delivers the reply with a fault
//	then-success-fault-KIND-ANYTHING
//	                         the same the first time, then merely succeeds
//	phone-DIGITS-ANYTHING    a live token of that number, good for one use, for
//	                         who cannot call IssueToken; verify and login only
//
// A scripted success speaks of the number 13800138000.
//
// # Faults
//
// A fault spoils the delivery of a reply. The call was answered before, so its
// token is spent, as that of a client whose connection broke.
//
//	latency    the reply comes [Config.Latency] late
//	reset      no reply, but a reset of the TCP connection or the HTTP/2 stream
//	hang       the same, once the client leaves or [Config.HangLimit] is over
//	truncated  half of the JSON, in an HTTP body that is whole
//	html502    a proxy's page with status 502
//	slow       byte by byte, with [Config.Trickle] before each
//	mediatype  Content-Type is text/html
//	gzip       the body is compressed, whether or not the client accepts that
//
// A fault that waits does so in the handler of the call, for a bounded time and
// no longer than the client stays. The WriteTimeout of the server does not count
// meanwhile. With [Config.Wait] a test decides how long a wait takes.
//
// # Load profile
//
// [Config.Mix] gives shares of the calls a code or a fault: see [ParseMix]. It
// leaves out calls that are refused before their token is looked at, and reserved
// tokens. The same [Config.Seed] makes the same of the nth call.
//
// # Waiting
//
// [Simulator.Advance] moves the clock of the model forward, and so ends the
// waits that its limits ask for.
//
// # Memory
//
// Tokens, numbers and counters are each kept for the latest 65,536 values; the
// oldest is forgotten first, whether or not it is still in use.
package simulator
