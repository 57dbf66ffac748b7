// Package simulator models the JiGuang JVerification REST API, so that its clients
// can be tested without an account and without costs.
//
// It follows the published documentation alone, and shares no code with the library
// of this project, which is tested against it. The help of its command, in
// command/help.txt, has the overview: what is modelled and what is guessed, the
// reserved tokens, the faults and the load profile, see [ParseMix]. The details follow.
//
// # Modelled, because it is documented
//
//   - The upstream has another host for /v1/admin/open; here one handler serves both
//     hosts. That path takes the developer's key and secret.
//   - Field names have an exact spelling: another one of exID is not echoed. A phone
//     number may be a JSON number, as in the upstream's own sample.
//   - A failure has a code and its content, but no id and no exID.
//   - Ids that a float64 can't hold: above 2^53 and odd.
//   - Tokens that expire, and are valid for one call: [Simulator.IssueToken].
//   - The login reply's phone, encrypted with RSA (PKCS #1 v1.5) for the key of
//     the application's owner. Without a key the reply is 9022.
//   - 8000, 9000 and 9001 are billed, and an account without money answers 9018, or 1805
//     for a risk: see [Config.Balance].
//   - riskCheck as a second code in a v2 reply: with 9000 and 1805 the number was
//     verified and its risk was not assessed.
//
// # Guessed, because the documentation does not say
//
//   - An unknown path is a plain 404 without a code.
//   - The order of checks: method, media type, authentication, body, token, limits.
//     A token is spent even when a limit then refuses the call: the strict guess
//     finds more faults of clients.
//   - What each limit counts: 9005 to 9007 count calls to verify with a valid token,
//     6005 counts captcha checks, and 1804 counts risk assessments in a calendar
//     second, those inside v2 replies included. Of several exceeded limits the one
//     with the longest wait answers.
//   - One balance pays for 8000, 9000, 9001 and risk assessments, at the same price each.
//     An account without money answers 9018 where it would bill, before any limit, and
//     1805 for a risk assessment, those inside v2 replies included. [Simulator.Refill]
//     fills it.
//   - 9001 has an id and an exID, since it is an answer and is billed.
//   - Malformed input is 9012. On the risk endpoint it is 1801, and refused
//     credentials are 1802. /v1/admin/open answers 9202 for the key of another
//     application, and 9203 from the second time on.
//   - Captcha content passes the first time, with [Config.CaptchaSuccessCode], and is
//     7104 after that. It is not decrypted.
//   - The zone of the calendar periods, and the text of a code that the published
//     table does not list.
//
// # Reserved tokens
//
// All but phone- count against no limit and may be sent any number of times. A
// scripted code is any int32, as in code--1. A scripted success is about the number
// 13800138000.
//
// # Faults
//
// A reset is one of the TCP connection, or of the HTTP/2 stream. A truncated reply is
// a complete HTTP body. A fault that waits does so in the handler of the call, and
// stops when the client leaves. The WriteTimeout of the server does not apply.
//
// # Memory
//
// Tokens, numbers and counters are each kept for the latest 65,536 values. What was
// set first is forgotten first, even if it is in use.
package simulator
