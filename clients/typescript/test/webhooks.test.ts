/** Webhooks of a real system: what it signs is verified, and nothing else. */
import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import { Client, InvalidSignature, verify } from "bellhop-client";

import { bytesOf } from "./proxy.js";

const bellhop = new Client(process.env["BELLHOP_URL"] ?? "", process.env["BELLHOP_TOKEN"] ?? "");
const SECRET = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;
const PLAIN = "a secret between two of us";
// Published with the specification of Standard Webhooks.
const VECTOR = {
  secret: "whsec_plJ3nmyCDGBKInavdOK15jsl",
  body: '{"event_type":"ping","data":{"success":true}}',
  headers: {
    "webhook-id": "msg_loFOjxBNrRLzqYUf",
    "webhook-timestamp": "1731705121",
    "webhook-signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
  },
};

/** Have a request sent here by a job, and return what arrived. */
async function delivered(secret: string): Promise<{ id: string; headers: IncomingHttpHeaders; body: Buffer }> {
  const server = createServer();
  const arrived = new Promise<{ headers: IncomingHttpHeaders; body: Buffer }>((resolve) =>
    server.on("request", async (request: IncomingMessage, response: ServerResponse) => {
      resolve({ headers: request.headers, body: await bytesOf(request) });
      response.end("done");
    }),
  );
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const args = { url: address, method: "POST", body: { order: 4711, note: "grüß" }, signing_secret: secret };
  const { id } = await bellhop.submit("http.request", args);
  const { headers, body } = await arrived;
  assert.equal((await bellhop.wait(id)).state, "succeeded");
  server.close();
  return { id, headers, body };
}

for (const secret of [SECRET, PLAIN])
  test(`a webhook that was signed with ${secret.slice(0, 6)} is verified, a changed one is refused`, async () => {
    const { id, headers, body } = await delivered(secret);

    await verify(secret, headers, body);
    await verify(secret, new Headers(headers as Record<string, string>), body.toString());
    assert.equal(headers["webhook-id"], id);
    for (const [changed, given, sent] of [
      [SECRET + PLAIN, headers, body],
      [secret, headers, Buffer.concat([body, Buffer.from(" ")])],
      [secret, { ...headers, "webhook-id": "another" }, body],
      [secret, { ...headers, "webhook-timestamp": String(Number(headers["webhook-timestamp"]) + 1) }, body],
      [secret, { ...headers, "webhook-signature": `${headers["webhook-signature"]}`.replace("v1", "v2") }, body],
      [secret, { ...headers, "webhook-signature": "v1,===" }, body],
      [secret, {}, body],
    ] as const)
      await assert.rejects(verify(changed, given, sent), InvalidSignature);
  });

test("a webhook of others is verified, one signature of several is enough, and an old one is refused", async () => {
  const { secret, body, headers } = VECTOR;
  const several = `v1,AAAA v1a,${headers["webhook-signature"].slice(3)} ${headers["webhook-signature"]}`;

  await verify(secret, headers, body, { tolerance: Infinity });
  await verify(secret, { ...headers, "webhook-signature": several }, body, { tolerance: Infinity });
  await assert.rejects(verify(secret, headers, body), InvalidSignature);
});
