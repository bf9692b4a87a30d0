/** The client on a real system, whose address and tokens stand in the environment. */
import assert from "node:assert/strict";
import { after, test } from "node:test";

import {
  Client, Conflict, Forbidden, Invalid, NotFound, ServerError, TooManyRequests, Unauthorized,
  UnexpectedAnswer, Unreachable, WaitTimeout,
} from "bellhop-client";

import { Proxy, says } from "./proxy.js";

const url = process.env["BELLHOP_URL"] ?? "";
const token = process.env["BELLHOP_TOKEN"] ?? "";
const bellhop = new Client(url, token);
const proxies: Proxy[] = [];
after(() => proxies.forEach((one) => one.close()));

function proxy(...acts: Proxy["acts"]): Proxy {
  proxies.push(new Proxy(url, acts));
  return proxies.at(-1)!;
}

test("a job is submitted, waited for, and has a result", async () => {
  const receipt = await bellhop.submit("test.add", { a: 5, b: 7 }, { priority: 9 });
  const job = await bellhop.wait(receipt.id);

  assert.deepEqual([job.state, job.result, job.priority], ["succeeded", 12, 9]);
});

test("who waits for too short a time is told so, and a job that waits can be cancelled twice", async () => {
  const { id } = await bellhop.submit("test.noop", {}, { delay: 3600 });

  await assert.rejects(bellhop.wait(id, { timeout: 0.2 }), WaitTimeout);
  assert.equal((await bellhop.cancel(id)).state, "cancelled");
  assert.equal((await bellhop.cancel(id)).state, "cancelled");
  assert.equal((await bellhop.wait(id)).state, "cancelled");
});

test("many jobs are accepted together, in their order, or none of them", async () => {
  const jobs = await bellhop.submitMany([1, 2, 3].map((a) => ({ task: "test.add", args: { a, b: 0 } })));

  assert.deepEqual(jobs.map((job) => job.args["a"]), [1, 2, 3]);
  await assert.rejects(bellhop.submitMany([{ task: "test.noop" }, { task: "test.add" }]), (error: Invalid) => {
    assert.deepEqual(error.problem.errors.map((one) => one.field), ["jobs.1.args.a", "jobs.1.args.b"]);
    return error instanceof Invalid;
  });
});

test("a key of one's own makes one job of two calls", async () => {
  const key = `order-${crypto.randomUUID()}`;
  const first = await bellhop.submit("test.noop", {}, { key });
  const second = await bellhop.submit("test.noop", {}, { key });

  assert.equal(first.id, second.id);
  assert.equal((await bellhop.submitMany([{ task: "test.add", args: { a: 1, b: 2 } }, { task: "test.noop", args: {}, key }]))[1]?.id, first.id);
  await assert.rejects(bellhop.submit("test.add", { a: 1, b: 2 }, { key }), Conflict);
  assert.notEqual((await bellhop.submit("test.noop")).id, (await bellhop.submit("test.noop")).id);
});

test("a job that failed can be tried again, one that succeeded cannot", async () => {
  const { id } = await bellhop.submit("test.fail", { times: 1, permanent: true });
  const failed = await bellhop.wait(id);
  const again = await bellhop.retry(id);

  assert.deepEqual([failed.state, failed.error?.type], ["failed", "Permanent"]);
  assert.equal(again.state, "queued");
  const done = await bellhop.submit("test.noop");
  await bellhop.wait(done.id);
  await assert.rejects(bellhop.retry(done.id), (error: Conflict) => error.problem["state"] === "succeeded");
});

test("a list goes on from page to page", async () => {
  const tag = crypto.randomUUID();
  const tags = [tag, "page"];
  const sent = await bellhop.submitMany([1, 2, 3, 4, 5].map(() => ({ task: "test.flexible", tags })));
  const listed: string[] = [];
  for await (const job of bellhop.list({ tag: tags, limit: 2 })) listed.push(job.id);

  assert.deepEqual(listed, sent.map((job) => job.id).reverse());
});

test("what a job logs can be read, and what is new of it", async () => {
  const { id } = await bellhop.submit("test.talk", { word: "hello" });
  await bellhop.wait(id);
  const log = await bellhop.logs(id);

  assert.ok(log.entries.some((entry) => entry.message === "printed: hello"));
  assert.deepEqual((await bellhop.logs(id, { after: log.last })).entries, []);
});

test("a schedule is made, found, changed, run and deleted", async () => {
  const name = `nightly ${crypto.randomUUID()}`;
  const made = await bellhop.schedules.create({ name, task: "test.add", args: { a: 1, b: 2 }, crontab: "0 2 * * *" });
  const changed = await bellhop.schedules.change(made.id, { crontab: "0 3 * * *", version: made.version });
  const listed: string[] = [];
  for await (const one of bellhop.schedules.list({ search: name })) listed.push(one.id);

  assert.deepEqual([listed, changed.crontab], [[made.id], "0 3 * * *"]);
  await assert.rejects(bellhop.schedules.change(made.id, { note: "late", version: made.version }), Conflict);
  assert.equal((await bellhop.wait((await bellhop.schedules.run(made.id)).id)).result, 3);
  await bellhop.schedules.delete(made.id);
  assert.equal((await bellhop.schedules.get(made.id)).state, "deleted");
});

test("a token is made for an application, changed, rotated and revoked", async () => {
  const name = `billing ${crypto.randomUUID()}`;
  const made = await bellhop.tokens.create({ name, tasks: ["test.noop"], days: 1 });
  const own = (secret: string) => new Client(url, secret, { attempts: 1 });
  const { id } = await own(made.token).submit("test.noop");

  await assert.rejects(own(made.token).submit("test.add", { a: 1, b: 2 }), Forbidden);
  const changed = await bellhop.tokens.change(made.id, { tasks: ["test.*"] });
  const rotated = await bellhop.tokens.rotate(made.id);
  assert.deepEqual([changed.tasks, changed.queues, "token" in changed], [["test.*"], ["*"], false]);
  assert.equal((await own(rotated.token).wait(id)).state, "succeeded");
  assert.equal((await own(rotated.token).submit("test.add", { a: 1, b: 2 })).task, "test.add");
  assert.equal((await bellhop.tokens.list()).find((one) => one.id === made.id)?.secrets.length, 2);
  assert.equal(await bellhop.tokens.revoke(made.id), undefined);
  await assert.rejects(bellhop.tokens.revoke(made.id), NotFound);
  await assert.rejects(bellhop.tokens.create({ name, queues: [] }), Invalid);
});

test("a service is made a task, looked at, changed and deleted", async () => {
  const name = `node.${crypto.randomUUID()}`;
  const schema = { properties: { card: { type: "string" } } };
  const made = await bellhop.tasks.put(name, { url: "https://example.org/", schema, secrets: ["card"] });
  const lossy = proxy("lose the answer");
  const again = await new Client(await lossy.open(), token).tasks.put(name, { url: "https://example.org/b" });

  assert.deepEqual([made.name, made.secrets], [name, ["card"]]);
  assert.deepEqual([again.secrets, (await bellhop.tasks.get(name)).url], [[], "https://example.org/b"]);
  await assert.rejects(bellhop.tasks.put("test.noop", { url: "https://example.org/" }), Conflict);
  assert.equal(await bellhop.tasks.delete(name), undefined);
  await assert.rejects(bellhop.tasks.get(name), NotFound);
});

test("a refusal is an error of its kind, with the problem", async () => {
  const user = new Client(url, process.env["USER_TOKEN"] ?? "");

  await assert.rejects(bellhop.submit("test.add", { a: "5" }), Invalid);
  await assert.rejects(bellhop.wait("0197e3a4-5c1e-7b52-9d7f-3f0a51f7c3aa"), NotFound);
  await assert.rejects(new Client(url, "wrong").submit("test.noop"), (error: Unauthorized) => {
    assert.doesNotMatch(`${error.stack}`, /Bearer wrong/);
    return error instanceof Unauthorized && error.name === "Unauthorized";
  });
  await assert.rejects(user.schedules.create({ name: "mine", task: "test.noop", crontab: "0 2 * * *" }), (error: Forbidden) => {
    assert.deepEqual([error.problem["required_role"], error.problem["role"]], ["operator", "member"]);
    return error instanceof Forbidden;
  });
});

test("what JSON would turn into null is not sent", async () => {
  await assert.rejects(bellhop.submit("test.note_down", { what: [NaN] }), RangeError);
});

test("a submission whose answer is lost is sent again, and is one job", async () => {
  const [lossy, tag] = [proxy("lose the answer", "lose the answer"), crypto.randomUUID()];
  const job = await new Client(await lossy.open(), token).submit("test.flexible", {}, { tags: [tag] });
  const listed: string[] = [];
  for await (const one of bellhop.list({ tag: [tag] })) listed.push(one.id);

  assert.equal(lossy.seen.length, 3);
  assert.deepEqual(listed, [job.id]);
});

test("what may have happened already and must not twice is not sent again", async () => {
  const { id } = await bellhop.submit("test.fail", { times: 9, permanent: true });
  await bellhop.wait(id);
  const lossy = proxy("lose the answer");

  await assert.rejects(new Client(await lossy.open(), token).retry(id), Unreachable);
  assert.equal(lossy.seen.length, 1);
});

test("a server that is busy or away is asked again, when it says so", async () => {
  const now = new Date().toUTCString();
  const busy = proxy(says(429, { "Retry-After": "1" }), says(503, { "Retry-After": now }), says(502));
  const began = Date.now();
  const job = await new Client(await busy.open(), token).submit("test.noop");

  assert.equal(busy.seen.length, 4);
  assert.ok(Date.now() - began >= 1000);
  assert.equal((await bellhop.wait(job.id)).state, "succeeded");
});

test("what was refused, what asks for too much patience, and what never answers is given up", async () => {
  const closed = proxy(says(429, { "Retry-After": "3600" }), says(502), says(502));
  const address = await closed.open();
  const silent = proxy(() => {});
  const limited = (error: TooManyRequests) => error instanceof TooManyRequests && error.retryAfter === 3600;
  const impatient = new Client(await silent.open(), token, { attempts: 1, timeout: 0.1 });

  await assert.rejects(new Client(address, token).submit("test.noop"), limited);
  await assert.rejects(new Client(address, token, { attempts: 2 }).submit("test.noop"), ServerError);
  await assert.rejects(impatient.submit("test.noop"), Unreachable);
  assert.equal(closed.seen.length, 3);
});

test("a server that cannot be reached yet is asked until it can", async () => {
  const late = proxy();
  const port = Number(new URL(await late.open()).port);
  late.close();
  const back = proxy();
  const opening: typeof fetch = async (...sent) => {
    try {
      return await fetch(...sent);
    } catch (error) {
      await back.open(port); // between the first attempt and the second
      throw error;
    }
  };
  const job = await new Client(`http://127.0.0.1:${port}`, token, { fetch: opening }).submit("test.noop");

  assert.deepEqual(back.seen, ["POST /api/jobs"]);
  assert.ok(job.id);
});

test("an address that is not Bellhop's is not followed, and named as such", async () => {
  const other = proxy(says(301, { Location: "https://example.org/" }), says(200, {}, "<html>"));
  const there = new Client(await other.open(), token);

  await assert.rejects(there.submit("test.noop"), UnexpectedAnswer);
  await assert.rejects(there.submit("test.noop"), UnexpectedAnswer);
  assert.throws(() => new Client("bellhop", token), TypeError);
  assert.throws(() => new Client(url, "two\nlines"), (error: Error) => !error.message.includes("two"));
});
