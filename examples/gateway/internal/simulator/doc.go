// Package simulator models the JiGuang JVerification REST API, so that its clients
// can be tested without an account and without costs.
//
// It follows the published documentation alone, and shares no code with the library
// of this project, which is tested against it.
//
// # Modelled, because it is documented
//
//   - Paths: /v1/web/verify, /v2/web/verify, /v1/web/loginTokenVerify and
//     /v2/web/loginTokenVerify, each also below h5/ (/v1/web/h5/verify);
//     /v2/web/queryBusinessRisk; /action/check; /v1/admin/open. The upstream has
//     another host for the last; here one handler serves both hosts.
//   - POST of application/json with Basic authentication: the application's key
//     and master secret, or the developer's pair for /v1/admin/open.
//   - Field names in the exact spelling: another one of exID is not echoed. A phone
//     number may be a JSON number, as in the upstream's own sample.
//   - A failure has a code and its content, but no id and no exID.
//   - Ids that a float64 can't hold: above 2^53 and odd.
//   - Tokens that expire, and are valid for one call: [Simulator.IssueToken].
//   - The limits of a number and of an application, in calendar windows of one
//     time zone, as parameters: [Config].
//   - The login reply's phone, encrypted with RSA (PKCS #1 v1.5) for the key of
//     the application's owner. Without a key the reply is 9022.
//   - riskCheck as a second code in a v2 reply: with 9000 and 1805 the number was
//     verified and its risk was not assessed.
//
// # Guessed, because the documentation does not say
//
//   - The HTTP status: always 200, or one that fits with [Config.NativeStatus]. An
//     unknown path is a plain 404 without a code.
//   - The order of checks: method, media type, authentication, body, token, limits.
//     A token is spent even when a limit then refuses the call: the strict guess
//     finds more faults of clients.
//   - What each limit counts: 9005 to 9007 count calls to verify with a valid token,
//     6005 counts captcha checks, and 1804 counts risk assessments in a calendar
//     second, those inside v2 replies included. Of several exceeded limits the one
//     with the longest wait answers.
//   - 9001 has an id and an exID, since it is an answer and is billed.
//   - Malformed input is 9012. On the risk endpoint it is 1801, and refused
//     credentials are 1802. /v1/admin/open answers 9202 for the key of another
//     application, and 9203 from the second time on.
//   - Captcha content passes the first time, with [Config.CaptchaSuccessCode], and is
//     7104 after that. It is not decrypted.
//   - The risk score is a hundred times the last digit of the number.
//   - The zone of the calendar windows: Asia/Shanghai.
//   - The text of a code that the published table does not list.
//
// # Reserved tokens
//
// These values have a meaning in token, loginToken and captchaContent, in the phone
// of queryBusinessRisk and in the app_key of /v1/admin/open. All but phone- count
// against no limit and may be sent any number of times.
//
//	code-N                   answers N, any int32: code-9005, code--1
//	riskcheck-N              succeeds; a v2 reply has riskCheck.code N
//	then-success-N-ANYTHING  answers N the first time, then succeeds
//	fault-KIND               succeeds, and sends the reply with a fault
//	then-success-fault-KIND-ANYTHING
//	                         the same the first time, then succeeds
//	phone-DIGITS-ANYTHING    a valid token of that number for one call, for clients
//	                         that can't call IssueToken; verify and login only
//
// A scripted success is about the number 13800138000.
//
// # Faults
//
// A fault damages or loses a reply. The call was answered before that, so its token
// is spent.
//
//	latency    the reply comes [Config.Latency] late
//	reset      no reply, but a reset of the TCP connection or the HTTP/2 stream
//	hang       no reply until the client leaves or [Config.HangLimit] is over, then
//	           a reset
//	truncated  half of the JSON, in a complete HTTP body
//	html502    a proxy's page with status 502
//	slow       byte by byte, with [Config.Trickle] before each
//	mediatype  Content-Type is text/html
//	gzip       the body is compressed, whether or not the client accepts that
//
// A fault that waits does so in the handler of the call, for a bounded time, and
// stops when the client leaves. The WriteTimeout of the server does not apply to the
// wait. With [Config.Wait] a test decides how long it takes.
//
// # Load profile
//
// [Config.Mix] answers shares of the calls with a code or a fault: see [ParseMix].
// Calls that are refused before their token is read, and reserved tokens, are not
// part of it. With the same [Config.Seed] the nth call gets the same answer.
//
// # Waiting
//
// [Simulator.Advance] moves the clock of the model forward, and so ends the
// waits that its limits ask for.
//
// # Memory
//
// Tokens, numbers and counters are each kept for the latest 65,536 values. The
// oldest one is forgotten first, even if it is in use.
package simulator
