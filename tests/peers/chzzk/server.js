// Plays CHZZK's REST and session service with a real socket.io 2.0.3 server.
//
//   node server.js PORT PING_INTERVAL_MS PING_TIMEOUT_MS
//
// Like CHZZK, a session URL is good for one connection: an upgrade with a used or unknown `auth` is accepted as a
// WebSocket and closed before the open packet. The argument of an event is JSON in a string.
//
// POST /control with a JSON object does what a test wants and answers with the state:
//   {do: "mode", mode: "good" | "silent" | "expired"}   what the next WebSockets find
//   {do: "fail", path, status, times}                    REST answers of a path
//   {do: "emit", event, payload}                         payload goes out as it is given: a text or an object
//   {do: "leave"}                                        closes the namespace only
//   {do: "drop"}                                         closes the connections
//   {do: "revoke", event, subscribe}                     takes a feed away; subscribe: false confirms none from now on
//   {do: "rate", per_s, count}, {do: "burst", count}     numbered CHAT messages with their time

const http = require('http')
const crypto = require('crypto')
const WebSocket = require('ws')

const [port, pingInterval, pingTimeout] = process.argv.slice(2).map(Number)
const ACCESS = 'peer-access-token'

const urls = new Set()
const sessions = new Map() // session key -> {socket, events}
const failures = new Map() // path -> {status, times}
let mode = 'good'
let confirming = true
let seen = { urls: 0, connections: 0, closed: 0, subscribed: 0, pings: 0, refused: 0 }

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
  const fresh = urls.delete(query.get('auth'))
  if (mode === 'good' && fresh && query.get('EIO') === '3') {
    for (const listener of upgrades) listener.call(server, request, stream, head)
  } else {
    if (!fresh) seen.refused += 1
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
  return JSON.stringify({ channelId: 'c', senderChannelId: 'u', profile: { nickname: '새벽고양이' }, content: `메시지 ${number}`, messageTime: Date.now(), number })
}

const controls = {
  mode: (order) => { mode = order.mode },
  fail: (order) => { failures.set(order.path, { status: order.status, times: order.times || 1 }) },
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
  burst: (order) => { for (let number = 0; number < order.count; number += 1) emit('CHAT', chat(number)) },
  rate: (order) => {
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

function rest(request, body, query, path) {
  const failure = failures.get(path)
  if (failure) {
    failure.times -= 1
    if (failure.times <= 0) failures.delete(path)
    return [failure.status, null]
  }
  if (request.headers.authorization !== `Bearer ${ACCESS}`) return [401, null]
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
      controls[body.do](body)
      return reply(response, 200, { ...seen, open: sessions.size })
    }
    const [status, content] = rest(request, body, searchParams, pathname)
    reply(response, status, { code: status, message: status === 200 ? null : `status ${status}`, content })
  })
}

function reply(response, status, value) {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(value))
}

server.listen(port, '127.0.0.1', () => console.log('listening'))
