/** What can go wrong. A refusal is made from the problem (RFC 9457) in the answer, and each kind of it is a class. */
import type { components } from "./api.js";

export type Problem = components["schemas"]["Problem"];

/** Something went wrong between this application and Bellhop. */
export class BellhopError extends Error {
  override readonly name: string = this.constructor.name;
}
/** No answer came, however often the request was sent; `cause` says why. */
export class Unreachable extends BellhopError {}
/** The answer is not one of Bellhop's; perhaps the URL leads elsewhere. */
export class UnexpectedAnswer extends BellhopError {}
/** The job has not ended in time. It goes on. */
export class WaitTimeout extends BellhopError {}
/** The request was not signed with this secret, or not lately. Answer it with 401 and do nothing. */
export class InvalidSignature extends BellhopError {}
/** Bellhop has refused the request; `problem.errors` names the fields at fault. */
export class Refused extends BellhopError {
  constructor(readonly problem: Problem, readonly retryAfter = 0) {
    super(`${problem.status} ${problem.title}: ${problem.detail}`);
  }
}
export class BadRequest extends Refused {}
export class Unauthorized extends Refused {}
/** `problem` says in `required_role` and `role`, or `required_scope` and `scope`, what is needed and what you have. */
export class Forbidden extends Refused {}
export class NotFound extends Refused {}
export class Conflict extends Refused {}
export class Invalid extends Refused {}
/** `retryAfter` says for how many seconds. */
export class TooManyRequests extends Refused {}
export class ServerError extends Refused {}

const BY_STATUS: Record<number, typeof Refused> = {
  400: BadRequest, 401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict, 422: Invalid, 429: TooManyRequests,
};

/** Return the error of an answer that is not a success. What a proxy answers in Bellhop's place has only a status. */
export function refusal({ status, statusText, headers }: Response, content: unknown): BellhopError {
  if (status < 400) return new UnexpectedAnswer("The answer is a redirect: give the client the URL behind it");
  const known = { type: "about:blank", title: statusText, status, detail: "", errors: [], request_id: "" };
  const after = headers.get("Retry-After") ?? "0"; // a number of seconds or a date (RFC 9110, 10.2.3)
  const seconds = /^\d+$/.test(after) ? Number(after) : (Date.parse(after) - Date.now()) / 1000;
  const kind = BY_STATUS[status] ?? (status < 500 ? Refused : ServerError);
  return new kind({ ...known, ...Object(content) }, Math.max(seconds, 0) || 0);
}
