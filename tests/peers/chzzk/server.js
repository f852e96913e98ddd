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
//   {do: "line", sender, text, manager}                  a CHAT message that stays in the chat: it can be hidden, once
//   {do: "settings", chatSlowModeSec ...}                what the streamer has changed elsewhere
//   {do: "scopes", without: [names]}                     the application lacks these scopes: 403
//   {do: "follow", count}                                so many viewers more follow the channel
//   {do: "announce", title, category, total}             title, category; total: false leaves out totalCount
//
// What the streamer may change in the chat is refused as it was measured in 2026-07: only fixed values of the slow mode
// and of the time of following, a manager cannot be restricted (400), a line that is not there is 404, a restriction is
// lifted early by DELETE. Pages of followers carry page, totalCount and totalPages. restrict-channels is always 400.

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
const requests = {} // path -> how many
let sentAt = [] // of the numbered messages of one order
const urls = new Set()
const used = new Set()
const sessions = new Map() // session key -> {socket, events}
const failures = new Map() // path -> {status, times}
let mode = 'good'
let confirming = true
const SLOW = [0, 3, 5, 10, 30, 60, 120, 300]
const FOLLOWED = [0, 5, 10, 30, 60, 1440, 10080, 43200, 86400, 129600, 172800, 216000, 259200]
const GROUPS = ['ALL', 'FOLLOWER', 'MANAGER', 'SUBSCRIBER']
const SCOPES = {
  'POST /open/v1/chats/send': '채팅 메시지 쓰기',
  'POST /open/v1/chats/notice': '채팅 공지 쓰기',
  'GET /open/v1/chats/settings': '채팅 설정 조회',
  'PUT /open/v1/chats/settings': '채팅 설정 변경',
  'POST /open/v1/chats/blind-message': '채팅 메시지 쓰기',
  'POST /open/v1/temporary-restrict-channels': '활동제한 쓰기',
  'DELETE /open/v1/temporary-restrict-channels': '활동제한 쓰기',
  'POST /open/v1/restrict-channels': '활동제한 쓰기',
  'GET /open/v1/lives/setting': '방송 설정 조회',
  'GET /open/v1/channels/followers': '채널 팔로워 조회'
}
const without = new Set() // scopes that the application lacks
const channel = {
  settings: {
    chatAvailableCondition: 'NONE', chatAvailableGroup: 'ALL', minFollowerMinute: 0, allowSubscriberInFollowerMode: true, chatSlowModeSec: 0, chatEmojiMode: false
  },
  notices: [], // {message} or {messageId}
  sent: [], // message ids
  lines: [], // {chatChannelId, messageTime, senderChannelId}
  managers: new Set(),
  restricted: new Map(), // sender -> when it ends
  followers: [], // newest first
  title: '저녁 방송',
  category: '마인크래프트',
  total: true,
  forbidden: 0 // requests to restrict-channels and streams/key, which nobody should make
}
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
  line: (order) => {
    const line = { chatChannelId: 'N2dODq', messageTime: Date.now(), senderChannelId: order.sender }
    channel.lines.push(line)
    const userRoleCode = order.manager ? 'streaming_chat_manager' : 'common_user'
    if (order.manager) channel.managers.add(order.sender)
    emit('CHAT', JSON.stringify({ channelId: 'c', ...line, profile: { nickname: order.sender, badges: [], verifiedMark: false, userRoleCode }, content: order.text, emojis: {} }))
  },
  settings: ({ do: _, ...values }) => Object.assign(channel.settings, values),
  scopes: (order) => { without.clear(); for (const name of order.without) without.add(name) },
  follow: (order) => { for (let each = 0; each < order.count; each += 1) channel.followers.unshift({ channelId: `f${channel.followers.length}`, channelName: `팔로워${channel.followers.length}`, createdDate: '2026-11-30 20:00:00' }) },
  announce: ({ do: _, ...values }) => Object.assign(channel, values),
  state: () => {}
}

const WRONG = [400, null, '잘못된 값을 입력했습니다.']

function chatCall(call, body, query) {
  switch (call) {
    case 'POST /open/v1/chats/send': {
      if (typeof body.message !== 'string' || !body.message || body.message.length > 100) return WRONG
      channel.sent.push(`m${channel.sent.length}`)
      return [200, { messageId: channel.sent[channel.sent.length - 1] }]
    }
    case 'POST /open/v1/chats/notice':
      if (body.messageId === undefined ? !body.message : !channel.sent.includes(body.messageId)) return WRONG
      channel.notices.push(body)
      return [200, null]
    case 'GET /open/v1/chats/settings':
      return [200, channel.settings]
    case 'PUT /open/v1/chats/settings':
      for (const [name, allowed] of [['chatSlowModeSec', SLOW], ['minFollowerMinute', FOLLOWED], ['chatAvailableGroup', GROUPS]]) {
        if (body[name] !== undefined && !allowed.includes(body[name])) return [400, null, `${name} 값이 올바르지 않습니다.`]
      }
      Object.assign(channel.settings, body)
      return [200, null]
    case 'POST /open/v1/chats/blind-message': {
      const at = channel.lines.findIndex((line) => Object.keys(line).every((name) => line[name] === body[name]))
      if (at < 0) return [404, null, 'NOT_FOUND']
      channel.lines.splice(at, 1)
      return [200, null]
    }
    case 'POST /open/v1/temporary-restrict-channels': {
      const target = body.targetChannelId
      if (!target || body.chatChannelId !== 'N2dODq') return WRONG
      if (channel.managers.has(target) || (channel.restricted.get(target) || 0) > Date.now()) return [400, null, 'BAD_REQUEST']
      channel.restricted.set(target, Date.now() + 60000)
      channel.lines = channel.lines.filter((line) => line.senderChannelId !== target)
      return [200, null]
    }
    case 'DELETE /open/v1/temporary-restrict-channels':
      return channel.restricted.delete(body.targetChannelId) ? [200, null] : [400, null, 'BAD_REQUEST']
    case 'GET /open/v1/lives/setting':
      return [200, { defaultLiveTitle: channel.title, category: { categoryType: 'GAME', categoryId: 'x', categoryValue: channel.category }, tags: [] }]
    case 'GET /open/v1/channels/followers': {
      const [page, size] = [Number(query.get('page') || 0), Number(query.get('size') || 30)]
      if (!(size >= 1 && size <= 50)) return WRONG
      const totalCount = channel.followers.length
      const data = channel.followers.slice(page * size, (page + 1) * size)
      return [200, channel.total ? { data, page, totalCount, totalPages: Math.ceil(totalCount / size) } : { data }]
    }
    case 'POST /open/v1/restrict-channels':
      channel.forbidden += 1
      return [400, null, 'BAD_REQUEST']
  }
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
  requests[path] = (requests[path] || 0) + 1
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
  const call = `${request.method} ${path}`
  if (path === '/open/v1/streams/key') channel.forbidden += 1
  if (SCOPES[call]) return without.has(SCOPES[call]) ? [403, null, 'FORBIDDEN'] : chatCall(call, body, query)
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
      return reply(response, 200, { ...seen, open: sessions.size, asked: requests, sent_at: sentAt, ...channel, restricted: [...channel.restricted.keys()], managers: [...channel.managers], ...(body.do === 'login' ? given : {}) })
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
