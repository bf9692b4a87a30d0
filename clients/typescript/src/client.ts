/** Bellhop's client: submits jobs, waits for them, looks at them. Its types are generated from the API's document. */
import type { components, operations } from "./api.js";
import { WaitTimeout } from "./errors.js";
import { Link, type Options, sleep } from "./link.js";

export * from "./errors.js";
export { verify } from "./webhooks.js";

type Schemas = components["schemas"];
type Lists = "list_jobs" | "list_schedules";
type Filters<O extends Lists> = Omit<NonNullable<operations[O]["parameters"]["query"]>, "cursor">;
export type Job = Schemas["JobView"];
export type ListedJob = Schemas["ListedJobView"];
export type JobRequest = Omit<Schemas["JobRequest"], "args"> & { args?: object };
/** A job of many; with a `key` of its own it is one job in whichever call it comes. */
export type BatchJob = Omit<Schemas["BatchJob"], "args"> & { args?: object };
export type Schedule = Schemas["ScheduleView"];
export type ServiceToken = Schemas["ServiceTokenView"];
/** A service token with its new secret, `token`. */
export type NewSecret = Schemas["NewSecretView"];
export type Endpoint = Schemas["EndpointView"];
/** With the same key, the same request returns what the first one made, also across calls. */
export interface Keyed { key?: string }

export class Client {
  readonly #link: Link;
  readonly schedules: ReturnType<typeof schedulesOf>;
  /** Service tokens, for admins. */
  readonly tokens: ReturnType<typeof tokensOf>;
  /** Tasks whose body is a service of yours, which Bellhop calls over HTTP. */
  readonly tasks: ReturnType<typeof tasksOf>;

  constructor(url: string, token: string, options: Options = {}) {
    const link = (this.#link = new Link(url, token, options));
    [this.schedules, this.tokens, this.tasks] = [schedulesOf(link), tokensOf(link), tasksOf(link)];
  }
  /** Submit a job and return its receipt. It is one job, however often the request has to be sent. */
  submit(task: string, args: object = {}, options: Omit<JobRequest, "task" | "args"> & Keyed = {}): Promise<Job> {
    const { key = crypto.randomUUID(), ...rest } = options;
    return this.#link.send("POST", at("jobs"), { key, body: { ...rest, task, args } });
  }
  /** Submit up to 10,000 jobs, all or none, and return their receipts in the same order. */
  async submitMany(jobs: BatchJob[], { key = crypto.randomUUID() }: Keyed = {}): Promise<ListedJob[]> {
    return (await this.#link.send<Schemas["JobsView"]>("POST", at("jobs", "batch"), { key, body: { jobs } })).jobs;
  }
  /** Return a job when it has ended, however it did. Throws WaitTimeout when it has not after so many seconds. */
  async wait(id: string, { timeout = Infinity }: { timeout?: number } = {}): Promise<Job> {
    for (const until = Date.now() + timeout * 1000; ; ) {
      const [asked, seconds] = [Date.now(), Math.min(Math.max(until - Date.now(), 0) / 1000, 30)];
      const job = await this.#link.send<Job>("GET", at("jobs", id), { query: { wait: seconds }, seconds });
      if (["succeeded", "failed", "cancelled"].includes(job.state)) return job;
      if (Date.now() >= until) throw new WaitTimeout(`Job ${id} is still ${job.state}`);
      if (Date.now() - asked < 1000) await sleep(1); // a busy server does not wait
    }
  }
  /** Cancel a job; one that runs is stopped within seconds. */
  cancel = (id: string): Promise<Job> => this.#link.send("POST", at("jobs", id, "cancel"), { repeatable: true });
  /** Queue a failed or cancelled job again. The request is not sent again where it may have arrived. */
  retry = (id: string): Promise<Job> => this.#link.send("POST", at("jobs", id, "retry"));
  /** Iterate over the jobs that fit all filters, newest first, page after page. */
  list = (filters: Filters<"list_jobs"> = {}) => this.#link.pages<ListedJob>(at("jobs"), "jobs", filters);
  /** Return what a job has logged and printed, from the lines with a higher number than `after` on. */
  logs = (id: string, { after = 0 }: { after?: number } = {}): Promise<Schemas["JobLogView"]> =>
    this.#link.send("GET", at("jobs", id, "logs"), { query: { after } });
}

const schedulesOf = (link: Link) => ({
  create: (body: Schemas["NewSchedule"]) => link.send<Schedule>("POST", at("schedules"), { body }),
  /** Iterate over the schedules that fit all filters, by name, page after page. */
  list: (filters: Filters<"list_schedules"> = {}) =>
    link.pages<Schemas["ListedScheduleView"]>(at("schedules"), "schedules", filters),
  get: (id: string) => link.send<Schedule>("GET", at("schedules", id)),
  /** Change what is named. With the `version` that was looked at, throw Conflict when somebody has changed it since. */
  change: (id: string, body: Schemas["ScheduleChanges"]) => link.send<Schedule>("PATCH", at("schedules", id), { body }),
  delete: (id: string) => link.send<Schedule>("DELETE", at("schedules", id)),
  /** Run a schedule now, and return the receipt of the job. */
  run: (id: string, { key = crypto.randomUUID() }: Keyed = {}) =>
    link.send<Job>("POST", at("schedules", id, "run"), { key }),
});

const tokensOf = (link: Link, all = "service-tokens") => ({
  /** Return the service tokens that are not revoked, by name. */
  list: async () => (await link.send<Schemas["ServiceTokensView"]>("GET", at(all))).service_tokens,
  /** Make a token for an application. Its secret is the `token` of what is returned, and is in no other answer. */
  create: (body: Schemas["NewServiceToken"]) => link.send<NewSecret>("POST", at(all), { body }),
  /** Replace the patterns that are named, for all secrets of a token. */
  change: (id: string, body: Schemas["ServiceTokenChanges"]) => link.send<ServiceToken>("PATCH", at(all, id), { body }),
  /** Make another secret; the one before is valid beside it until `old_until`, or for a day. */
  rotate: (id: string, body: Schemas["Rotation"] = {}) => link.send<NewSecret>("POST", at(all, id, "rotate"), { body }),
  /** End a token with all its secrets. */
  revoke: (id: string) => link.send<void>("DELETE", at(all, id)),
});

const tasksOf = (link: Link) => ({
  /** Make a task whose body is a service of yours, or change all of it. */
  put: (name: string, body: Schemas["EndpointRequest"]) => link.send<Endpoint>("PUT", at("tasks", name), { body }),
  get: (name: string) => link.send<Endpoint>("GET", at("tasks", name)),
  delete: (name: string) => link.send<void>("DELETE", at("tasks", name)),
});

const at = (...parts: string[]): string => `/api/${parts.map(encodeURIComponent).join("/")}`;
