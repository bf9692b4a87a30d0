/** The link to the API: sends a request, and sends it again where that does no harm. */
import { refusal, Refused, UnexpectedAnswer, Unreachable } from "./errors.js";

/** Seconds of the first pause and of the longest. Where the server asks for more, its refusal is thrown. */
const [FIRST, LONGEST] = [0.5, 30];

export interface Options {
  /** How often a request is sent at most; 1: nothing is sent again. */
  attempts?: number;
  /** Seconds that an answer may take, besides those for which the server was asked to wait. */
  timeout?: number;
  /** In place of the global one, for a proxy or certificates. */
  fetch?: typeof fetch;
}
export interface Sent {
  query?: object;
  body?: unknown;
  /** The header Idempotency-Key. */
  key?: string;
  /** Whether sending it again changes nothing, though the first one may have arrived. */
  repeatable?: boolean;
  /** How long the server may wait before it answers. */
  seconds?: number;
}

export class Link {
  readonly #to: Options & { url: string; token: string };

  constructor(url: string, token: string, options: Options) {
    if (!/^[!-~]+$/.test(token)) throw new TypeError("token: must be a text of visible ASCII characters");
    this.#to = { ...options, url: new URL(url).href.replace(/\/$/, ""), token };
  }

  async send<T>(method: string, path: string, sent: Sent = {}): Promise<T> {
    const { key, repeatable = ["GET", "PUT"].includes(method) || key !== undefined } = sent;
    for (let attempt = 1; ; attempt++) {
      try {
        return (await this.#once(method, path, sent)) as T;
      } catch (error) {
        const pause = pauseAfter(error, attempt, repeatable);
        if (pause === undefined || attempt >= (this.#to.attempts ?? 7)) throw error;
        await sleep(pause);
      }
    }
  }

  /** Yield what the pages of a list contain under this name, page after page. */
  async *pages<T>(path: string, name: string, filters: object): AsyncGenerator<T, void, undefined> {
    for (let cursor: unknown; cursor !== null; ) {
      const page = await this.send<Record<string, unknown>>("GET", path, { query: { ...filters, cursor } });
      yield* page[name] as T[];
      cursor = page["next_cursor"];
    }
  }

  async #once(method: string, path: string, { query = {}, body, key, seconds = 0 }: Sent): Promise<unknown> {
    const headers = new Headers({ Authorization: `Bearer ${this.#to.token}` });
    if (body !== undefined) headers.set("Content-Type", "application/json");
    if (key !== undefined) headers.set("Idempotency-Key", key);
    const signal = AbortSignal.timeout(((this.#to.timeout ?? 30) + seconds) * 1000);
    const init = { method, headers, signal, redirect: "manual", body: JSON.stringify(body, finite) ?? null } as const;
    const lost = (cause: unknown): never => {
      throw new Unreachable("No answer came", { cause });
    };
    const answer = await (this.#to.fetch ?? fetch)(`${this.#to.url}${path}${search(query)}`, init).catch(lost);
    const text = await answer.text().catch(lost);
    const found: unknown = await new Response(text).json().catch(() => undefined);
    if (!answer.ok) throw refusal(answer, found);
    if (found === undefined && answer.status !== 204) throw new UnexpectedAnswer("Not JSON: is the URL Bellhop's?");
    return found;
  }
}

/** Return how many seconds to wait before a request is sent again; nothing where it is not. */
function pauseAfter(error: unknown, attempt: number, repeatable: boolean): number | undefined {
  const status = error instanceof Refused ? error.problem.status : error instanceof Unreachable ? 503 : 0;
  const asked = error instanceof Refused ? error.retryAfter : 0;
  if (!(status === 429 || (status >= 500 && repeatable)) || asked > LONGEST) return undefined;
  return asked + Math.min(FIRST * 2 ** (attempt - 1), LONGEST) * (0.5 + Math.random() / 2);
}

export const sleep = (seconds: number) => new Promise<void>((done) => setTimeout(done, seconds * 1000));

function finite(name: string, value: unknown): unknown { // JSON.stringify would send null in its place
  if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError(`${name}: is not a finite number`);
  return value;
}

function search(query: object): string {
  const given = Object.entries(query).flatMap(([name, value]) => [value].flat().map((one) => [name, one] as const));
  const written = given.filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]);
  return written.length ? `?${new URLSearchParams(written)}` : "";
}
