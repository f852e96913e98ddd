// Plays CHZZK's REST and session service with a real socket.io 2.0.3 server.
//
//   node server.js PORT PING_INTERVAL_MS PING_TIMEOUT_MS
//
// Like CHZZK, a session URL is good for one connection: an upgrade with a used or unknown `auth` is accepted as a
// WebSocket and closed before the open packet. The argument of an event is JSON in a string.
//
// An access token ends when a test says so or after its life; a refresh token and a code are good for one use; tokens
// carry MARK in their names, so that they can be looked for where they must not be.
//
// POST /control with a JSON object does what a test wants and answers with the state:
//   {do: "mode", mode: "good" | "silent" | "expired"}   what the next WebSockets find
//   {do: "fail", path, status, times, retry_after}       REST answers of a path; the message repeats what was sent
//   {do: "login"}                                        a new pair of tokens: {access, refresh} in the answer
//   {do: "code", code}                                   a code of the consent page becomes good
//   {do: "life", seconds}                                expiresIn of access tokens from now on
//   {do: "expire"}                                       every access token is dead
//   {do: "withdraw"}                                     every token is dead: the person took the consent back
//   {do: "emit", event, payload}                         payload goes out as it is given: a text or an object
//   {do: "leave"}                                        closes the namespace only
//   {do: "drop"}                                         closes the connections
//   {do: "revoke", event, subscribe}                     takes a feed away; subscribe: false confirms none from now on
//   {do: "rate", per_s, count}, {do: "burst", count}     numbered CHAT messages with their time, also in sent_at

const http = require('http')
const crypto = require('crypto')
const WebSocket = require('ws')

const [port, pingInterval, pingTimeout] = process.argv.slice(2).map(Number)
const ACCESS = 'peer-access-token'
const CLIENT_ID = 'peer-client'
const CLIENT_SECRET = 'MARK-peer-client-secret'
const TOKEN_MS = 100 // how long a token takes, so that calls at one time overlap

const access = new Set([ACCESS])
const refresh = new Set()
const codes = new Set()
let life = 86400
let sentAt = [] // of the numbered messages of one order
const urls = new Set()
const used = new Set()
const sessions = new Map() // session key -> {socket, events}
const failures = new Map() // path -> {status, times}
let mode = 'good'
let confirming = true
let seen = { urls: 0, connections: 0, closed: 0, subscribed: 0, pings: 0, reused: 0, refreshes: 0, exchanges: 0, revocations: 0 }

const server = http.createServer(answer)
const io = require('socket.io')(server, {
  pingInterval, pingTimeout, transports: ['websocket'], wsEngine: 'ws', serveClient: false
})

// The engine of socket.io takes an upgrade only after it was looked at here.
const upgrades = server.listeners('upgrade').slice()
server.removeAllListeners('upgrade')
const bare = new WebSocket.Server({ noServer: true })
server.on('upgrade', (request, stream, head) => {
  const query = new URL(request.url, 'http://peer').searchParams
  const auth = query.get('auth')
  const fresh = urls.delete(auth)
  if (used.has(auth)) seen.reused += 1
  used.add(auth)
  if (mode === 'good' && fresh && query.get('EIO') === '3') {
    for (const listener of upgrades) listener.call(server, request, stream, head)
  } else {
    const silent = mode === 'silent'
    bare.handleUpgrade(request, stream, head, (socket) => {
      socket.on('error', () => {}) // a client that gives up may reset the connection
      if (!silent) socket.close()
    })
  }
})

io.on('connection', (socket) => {
  const key = crypto.randomBytes(16).toString('hex')
  seen.connections += 1
  sessions.set(key, { socket, events: new Set() })
  socket.conn.on('packet', (packet) => { if (packet.type === 'ping') seen.pings += 1 })
  socket.on('disconnect', () => { sessions.delete(key); seen.closed += 1 })
  system(socket, 'connected', { sessionKey: key })
})

function system(socket, type, data) {
  socket.emit('SYSTEM', JSON.stringify({ type, data }))
}

function emit(event, payload) {
  for (const { socket, events } of sessions.values()) if (events.has(event) || event === 'SYSTEM') socket.emit(event, payload)
}

function chat(number) {
  sentAt.push(Date.now())
  return JSON.stringify({ channelId: 'c', senderChannelId: `u${number % 97}`, profile: { nickname: '새벽고양이' }, content: `메시지 ${number}`, messageTime: Date.now(), number })
}

const controls = {
  mode: (order) => { mode = order.mode },
  fail: (order) => { failures.set(order.path, { status: order.status, times: order.times || 1, retryAfter: order.retry_after }) },
  login: () => pair(),
  code: (order) => { codes.add(order.code) },
  life: (order) => { life = order.seconds },
  expire: () => access.clear(),
  withdraw: () => { access.clear(); refresh.clear() },
  emit: (order) => emit(order.event, order.payload),
  leave: () => { for (const { socket } of sessions.values()) socket.disconnect(false) },
  drop: () => { for (const { socket } of sessions.values()) socket.conn.close() },
  revoke: (order) => {
    confirming = order.subscribe !== false
    for (const { socket, events } of sessions.values()) {
      events.delete(order.event)
      system(socket, 'revoked', { eventType: order.event, channelId: 'c' })
    }
  },
  burst: (order) => { sentAt = []; for (let number = 0; number < order.count; number += 1) emit('CHAT', chat(number)) },
  rate: (order) => {
    sentAt = []
    const start = Date.now()
    let sent = 0
    const timer = setInterval(() => {
      const due = Math.min(order.count, Math.floor((Date.now() - start) * order.per_s / 1000))
      while (sent < due) emit('CHAT', chat(sent++))
      if (sent >= order.count) clearInterval(timer)
    }, 5)
  },
  state: () => {}
}

function pair() {
  const tokens = { access: `MARK-access-${crypto.randomBytes(24).toString('base64url')}`, refresh: `MARK-refresh-${crypto.randomBytes(24).toString('base64url')}` }
  access.add(tokens.access)
  refresh.add(tokens.refresh)
  if (life < 3600) setTimeout(() => access.delete(tokens.access), life * 1000).unref()
  return tokens
}

function token(body) {
  if (body.clientId !== CLIENT_ID || body.clientSecret !== CLIENT_SECRET) return [401, null, 'INVALID_CLIENT']
  const first = body.grantType === 'authorization_code'
  if (first ? !codes.delete(body.code) : !refresh.delete(body.refreshToken)) return [401, null, 'INVALID_TOKEN']
  seen[first ? 'exchanges' : 'refreshes'] += 1
  const tokens = pair()
  const content = { accessToken: tokens.access, refreshToken: tokens.refresh, tokenType: 'Bearer', expiresIn: String(life) }
  return [200, first ? content : { ...content, scope: '채팅 메시지 조회 후원 조회' }]
}

function rest(request, body, query, path) {
  const failure = failures.get(path)
  if (failure) {
    failure.times -= 1
    if (failure.times <= 0) failures.delete(path)
    const sent = [request.headers.authorization || '', ...Object.values(body), ...query.values()]
    return [failure.status, null, `status ${failure.status} to ${sent.join(' ')}`, failure.retryAfter]
  }
  if (path === '/auth/v1/token' && request.method === 'POST') return token(body)
  if (path === '/auth/v1/token/revoke' && request.method === 'POST') {
    if (!access.has(body.token) && !refresh.has(body.token)) return [401, null, 'INVALID_TOKEN']
    access.clear()
    refresh.clear()
    seen.revocations += 1
    return [200, null]
  }
  if (!access.has((request.headers.authorization || '').replace(/^Bearer /, ''))) return [401, null, 'INVALID_TOKEN']
  if (path === '/open/v1/users/me') return [200, { channelId: 'c', channelName: '치즈채널' }]
  if (path === '/open/v1/sessions/auth') {
    const auth = crypto.randomBytes(96).toString('base64')
    urls.add(auth)
    seen.urls += 1
    return [200, { url: `http://127.0.0.1:${port}?auth=${encodeURIComponent(auth)}` }]
  }
  const asked = /^\/open\/v1\/sessions\/events\/subscribe\/(chat|donation|subscription)$/.exec(path)
  if (asked && request.method === 'POST') {
    const session = sessions.get(query.get('sessionKey'))
    if (!session) return [400, null]
    const event = asked[1].toUpperCase()
    seen.subscribed += 1
    if (confirming) {
      session.events.add(event)
      setTimeout(() => system(session.socket, 'subscribed', { eventType: event, channelId: 'c' }), 5)
    }
    return [200, null]
  }
  return [404, null]
}

function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://peer')
  let text = ''
  request.on('data', (chunk) => { text += chunk })
  request.on('end', () => {
    const body = text ? JSON.parse(text) : {}
    if (pathname === '/control') {
      const given = controls[body.do](body)
      return reply(response, 200, { ...seen, open: sessions.size, sent_at: sentAt, ...(body.do === 'login' ? given : {}) })
    }
    const [status, content, message, retryAfter] = rest(request, body, searchParams, pathname)
    const answered = { code: status, message: status === 200 ? null : message || `status ${status}`, content }
    setTimeout(() => reply(response, status, answered, retryAfter), pathname === '/auth/v1/token' ? TOKEN_MS : 0)
  })
}

function reply(response, status, value, retryAfter) {
  const wait = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }
  response.writeHead(status, { 'Content-Type': 'application/json', ...wait })
  response.end(JSON.stringify(value))
}

server.listen(port, '127.0.0.1', () => console.log('listening'))
