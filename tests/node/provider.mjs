// The certified oidc-provider on a free port of loopback, for tests/headoffice/openid.
// Prints its address. Then each line of standard input is JSON: {"client": {…}, "people": {"sub": {claims}}};
// the first makes the provider, the later ones change what it knows of people.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import Provider from 'oidc-provider';

console.warn = console.info = () => {};
const server = createServer();
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const issuer = `http://127.0.0.1:${server.address().port}`;
process.stdout.write(`${issuer}\n`);

let people = {};
let provider;
for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line);
  people = told.people;
  if (!provider) {
    provider = new Provider(issuer, {
      clients: [told.client],
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['groups', 'sites'] },
      pkce: { required: () => true },
      findAccount: (_ctx, sub) => people[sub] && { accountId: sub, claims: () => ({ sub, ...people[sub] }) },
    });
    server.on('request', provider.callback());
  }
  process.stdout.write('ready\n');
}
server.close();
server.closeAllConnections();
