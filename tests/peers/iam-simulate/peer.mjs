// The golden decisions of policies.json as @cloud-copilot/iam-simulate makes them, and as `glacier policy test` does: `node peer.mjs GLACIER
// POLICIES.JSON`. Where the peer is known to differ, the file says why; the exit status is 0 only if it differs there and nowhere else.
import { anonymousPrincipal, runSimulation } from '@cloud-copilot/iam-simulate'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [glacier, file] = process.argv.slice(2)
const golden = JSON.parse(readFileSync(file, 'utf8'))
const list = (value) => (Array.isArray(value) ? value : [value])

// The peer knows one policy of a resource. A Deny in either of ours wins and an Allow in either is enough, so they are joined.
function joined({ accessPolicy, lockPolicy }) {
  const policies = [accessPolicy, lockPolicy].filter((policy) => policy !== null)
  if (policies.length === 0) return undefined
  // Sids are unique within a policy there.
  const Statement = policies.flatMap((policy) => list(policy.Statement)).map(({ Sid, ...statement }, index) => ({ Sid: `s${index}`, ...statement }))
  return { ...policies[0], Statement }
}

// Its data knows the key glacier:ResourceTag/ and none that begins with it, and so leaves them out: they are called as other keys of tags are.
const renamed = (value) => JSON.parse(JSON.stringify(value).replace(/glacier:ResourceTag\//gi, 'aws:RequestTag/'))

async function theirs(one) {
  const { action, resource, principal, account, vaultOwner, context } = one.request
  const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
  const { resultType, errors, overallResult } = await runSimulation(
    {
      request: {
        principal: principal ?? anonymousPrincipal,
        action,
        resource: { resource, accountId: vaultOwner },
        contextVariables: renamed(context)
      },
      // What identity policies say is not known here: they are taken to allow all.
      identityPolicies: account === null ? [] : [{ name: 'all', policy: all }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: joined(renamed(one))
    },
    {}
  )
  if (resultType === 'error') return `an error, ${JSON.stringify(errors)}`
  return overallResult === 'Allowed' ? 'allow' : 'deny'
}

// The command has one policy, and a caller who signed.
function ours({ accessPolicy, lockPolicy, request }, folder) {
  const policies = [accessPolicy, lockPolicy].filter((policy) => policy !== null)
  if (policies.length !== 1 || request.principal === null) return undefined
  const path = join(folder, 'policy.json')
  writeFileSync(path, JSON.stringify(policies[0]))
  const conditions = Object.entries(request.context).flatMap(([key, values]) => list(values).flatMap((value) => ['--condition', `${key}=${value}`]))
  // A key that is there without a value cannot be given to the command.
  if (Object.values(request.context).some((values) => list(values).length === 0)) return undefined
  const { action, resource, principal } = request
  const run = spawnSync(glacier, ['policy', 'test', path, '--action', action, '--resource', resource, '--principal', principal, ...conditions])
  const word = run.stdout.toString().trim()
  // 252: the policy is about another vault, and could not be set.
  if (run.status === 252) return undefined
  if (run.status !== (word === 'allow' ? 0 : 1)) throw new Error(`glacier policy test ended with ${run.status}: ${run.stderr}`)
  return word
}

const folder = mkdtempSync(join(tmpdir(), 'policies-'))
const wrong = []
const count = { agrees: 0, differs: 0, command: 0 }
for (const one of golden.evaluate) {
  const [peer, command] = [await theirs(one), ours(one, folder)]
  const known = one.peer.startsWith('differs')
  count[peer === one.expected ? 'agrees' : 'differs'] += 1
  if (peer !== one.expected && known) console.log(`${one.name}: ${one.peer}`)
  if ((peer !== one.expected) !== known) wrong.push(`${one.name}: the peer says ${peer}, expected ${one.expected}; the file says it ${one.peer}`)
  if (command !== undefined) count.command += 1
  if (command !== undefined && command !== one.expected) wrong.push(`${one.name}: glacier policy test says ${command}, expected ${one.expected}`)
}
rmSync(folder, { recursive: true })
console.log(`${count.agrees} decisions agree, ${count.differs} differ; glacier policy test made ${count.command} of them`)
for (const line of wrong) console.error(line)
process.exit(wrong.length === 0 ? 0 : 1)
