/** Webhooks: whether a request that arrives here was sent by Bellhop, by https://www.standardwebhooks.com. */
import { InvalidSignature } from "./errors.js";

/** Headers as fetch has them, or as node:http does. */
export type Arrived = Iterable<[string, string]> | { [name: string]: string | string[] | undefined };

/**
 * Throw InvalidSignature unless a job with this `signing_secret` has sent the request, `tolerance` seconds ago at most.
 * `body` is what arrived, byte for byte, before anything reads it as JSON.
 */
export async function verify(
  secret: string, headers: Arrived, body: string | Uint8Array, { tolerance = 300 }: { tolerance?: number } = {},
): Promise<void> {
  const pairs = Symbol.iterator in headers ? [...(headers as Iterable<[string, string]>)] : Object.entries(headers);
  const found = new Map(pairs.map(([name, value]) => [name.toLowerCase(), String(value)]));
  const sent = found.get("webhook-timestamp") ?? "";
  const signed = await new Blob([`${found.get("webhook-id") ?? ""}.${sent}.`, body as BlobPart]).arrayBuffer();
  const key = await crypto.subtle.importKey("raw", keyOf(secret), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  const fits = (one: string) => crypto.subtle.verify("HMAC", key, decoded(one.slice(3)) ?? new Uint8Array(), signed);
  const signatures = (found.get("webhook-signature") ?? "").split(" ").filter((one) => one.startsWith("v1,"));
  if (!(await Promise.all(signatures.map(fits))).includes(true))
    throw new InvalidSignature("The signature does not fit the secret, the headers and the body");
  if (!(Math.abs(Date.now() / 1000 - Number(sent)) <= tolerance))
    throw new InvalidSignature(`The signature is not of the last ${tolerance} seconds`);
}

/** Return the key that a secret stands for: what follows `whsec_` in Base64, and of any other text its UTF-8. */
function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  return (secret.startsWith("whsec_") && decoded(secret.slice(6))) || new TextEncoder().encode(secret);
}

function decoded(text: string): Uint8Array<ArrayBuffer> | undefined {
  const isBase64 = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
  return isBase64 ? Uint8Array.from(atob(text), (one) => one.charCodeAt(0)) : undefined;
}
