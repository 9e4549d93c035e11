import { createServer } from 'node:https';
import { readFileSync } from 'node:fs';
import Provider from 'oidc-provider';

// An OpenID provider with two users, for the end-to-end tests. Its keys, its certificate, its issuer
// and the audience of access tokens come from the environment.
const env = process.env;
const users = {
  'jane@example.com': ['payments-team'],
  'omar@example.com': ['sre'],
};
const resource = 'https://traces.example.com';

const provider = new Provider(env.OIDC_ISSUER, {
  jwks: JSON.parse(readFileSync(env.OIDC_JWKS, 'utf8')),
  clients: [
    {
      client_id: 'grafana',
      client_secret: 'grafana-secret',
      redirect_uris: ['https://grafana.example.com/login/generic_oauth'],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  cookies: { keys: ['of-a-test'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
  scopes: ['openid', 'email', 'groups'],
  features: {
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'openid email groups',
        audience: env.OIDC_AUDIENCE,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 300,
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  // What Keycloak's mappers do: the user's groups and address in the access token.
  extraTokenClaims: (ctx, token) => ({
    email: token.accountId,
    email_verified: true,
    groups: users[token.accountId] ?? [],
  }),
  findAccount: (ctx, id) =>
    id in users && {
      accountId: id,
      claims: () => ({ sub: id, email: id, email_verified: true, groups: users[id] }),
    },
});
createServer(
  { cert: readFileSync(env.OIDC_CERTIFICATE), key: readFileSync(env.OIDC_KEY) },
  provider.callback(),
).listen(Number(env.OIDC_PORT), '127.0.0.1');
