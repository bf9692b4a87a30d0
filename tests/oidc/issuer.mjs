// An issuer of OpenID Connect for the tests: oidc-provider with one client. Everybody signs in with their name alone.
// A test says by PUT /test what its people are called there, and what is wrong with the next ID tokens.

import { createServer } from "node:http";
import { exportJWK, generateKeyPair, importJWK, SignJWT, decodeJwt } from "jose";
import Provider from "oidc-provider";

const { PORT, CLIENT_ID, CLIENT_SECRET, BELLHOP_URL } = process.env;
const address = `http://127.0.0.1:${PORT}`;

async function makeKey(kid) {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: "RS256", use: "sig" };
}

const key = await makeKey(`key-${Date.now()}`); // another one after each start
const foreign = await makeKey(key.kid); // of the same name, and not published
let told = { people: {}, claims: null, foreign: false };

function claimsOf(sub) {
  return { email: `${sub}@example.org`, email_verified: true, groups: [], ...told.people[sub], sub };
}

const provider = new Provider(address, {
  jwks: { keys: [key] },
  cookies: { keys: ["only for tests"] },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
  clients: [
    {
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      redirect_uris: [`${BELLHOP_URL}/sign-in/oidc/callback`],
      post_logout_redirect_uris: [`${BELLHOP_URL}/sign-in`],
    },
  ],
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource(ctx, form) {
        const yes = '<button type="submit" form="op.logoutForm" name="logout" value="yes">Yes, sign out</button>';
        ctx.body = page(form + yes);
      },
    },
  },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => claimsOf(sub) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  async loadExistingGrant(ctx) {
    const { client, session } = ctx.oidc;
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope("openid email profile");
    await grant.save();
    return grant;
  },
});

provider.use(async (ctx, next) => {
  await next();
  if (ctx.path === "/token" && ctx.body?.id_token && (told.claims || told.foreign)) {
    const claims = { ...decodeJwt(ctx.body.id_token), ...told.claims };
    const signer = await importJWK(told.foreign ? foreign : key, "RS256");
    const token = new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: key.kid });
    ctx.body = { ...ctx.body, id_token: await token.sign(signer) };
  }
});

function page(body) {
  return `<!doctype html><html lang="en"><title>Issuer</title><body>${body}</body></html>`;
}

const form = '<form method="post"><label>Name <input name="login"></label> <button>Sign in</button></form>';

async function bodyOf(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function interact(request, response) {
  if (request.method === "GET") {
    response.setHeader("Content-Type", "text/html");
    response.end(page(form));
    return;
  }
  const login = new URLSearchParams(await bodyOf(request)).get("login");
  const result = login ? { login: { accountId: login } } : { error: "access_denied" };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function answer(request, response) {
  if (request.url === "/test") {
    told = { people: {}, claims: null, foreign: false, ...JSON.parse(await bodyOf(request)) };
    response.end();
  } else if (request.url.startsWith("/interaction/")) {
    await interact(request, response);
  } else {
    provider.callback()(request, response);
  }
}

createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
}).listen(Number(PORT), "127.0.0.1", () => console.log("listening"));
