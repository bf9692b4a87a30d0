/** A proxy in front of Bellhop, which answers some requests itself or loses the answer to them. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Act = (request: IncomingMessage, response: ServerResponse) => void;

export class Proxy {
  /** What arrived: method and path. */
  readonly seen: string[] = [];
  readonly #server: Server;

  /** What `acts` say is done with the first requests, one by one; those that follow are passed on. */
  constructor(readonly target: string, readonly acts: (Act | "lose the answer" | "pass on")[] = []) {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  async open(port = 0): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(port, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytesOf(request);
    const act = this.acts[this.seen.push(`${request.method} ${request.url}`) - 1] ?? "pass on";
    if (typeof act === "function") return act(request, response);
    const { host: _, connection: __, "content-length": ___, ...headers } = request.headers;
    const sent: RequestInit = { method: request.method ?? "GET", headers: headers as Record<string, string> };
    if (body.length) sent.body = new Uint8Array(body);
    const answer = await fetch(`${this.target}${request.url}`, sent);
    const text = await answer.text();
    if (act === "lose the answer") return void request.socket.destroy();
    response.writeHead(answer.status, { "Content-Type": answer.headers.get("Content-Type") ?? "" }).end(text);
  }
}

export async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** Answer in Bellhop's place, as it or a proxy would. */
export const says = (status: number, headers: Record<string, string> = {}, text = ""): Act => (_, response) =>
  void response.writeHead(status, headers).end(text);
