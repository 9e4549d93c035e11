package io.scopegate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.answer.Answers;
import io.scopegate.gateway.answer.Cors;
import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.GrpcWeb;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Reply;
import io.scopegate.gateway.http.CodecSettings;
import io.scopegate.gateway.http.Heads;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.Endpoint.Pauses;
import io.scopegate.gateway.telemetry.RequestRecord;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one object that holds what is known about a request from its head to its end: its record, how
 * its client must be answered and its deadlines. Lives on one event loop.
 */
public final class Exchange {
  private static final long NEVER = Long.MAX_VALUE;
  private static final long UPSTREAM_RETRY_MILLIS = 1_000;

  /** How long an answer that is complete may take to be read without any progress. */
  private static final long LEAVING_NANOS = 60_000_000_000L;

  /** What is logged and counted at the end. */
  public final RequestRecord record = new RequestRecord();

  /** How to answer this client; known once the request is routed. */
  public Dialect dialect = Dialect.PROBLEM;

  /** Whether a refusal for a passing reason must be retryable for an ingest client. */
  public boolean ingest;

  /** Whether the request came over HTTP/2; there is no gRPC without it. */
  public boolean http2;

  /** Who may read the answer in a browser; null where that is not the gateway's business. */
  public Cors.@Nullable Pages pages;

  /** What is known of the client's connection. */
  public @Nullable ClientInfo info;

  @Nullable Exchange previous;
  @Nullable Exchange next;
  long progressNanos;

  private final StreamEnd client;
  private final RequestHandler handler;
  private final long bodyTimeoutNanos;
  private Timeouts timeouts = Timeouts.NONE;
  private long deadlineNanos = NEVER;
  private boolean clientDeadline;
  private boolean forwarded;
  private boolean over;
  private long lingerUntilNanos = NEVER;
  private @Nullable AccessDecision verdict;
  private @Nullable AuthorizationRecheck right;
  private @Nullable Admission admission;
  private @Nullable Admission measuring;

  public Exchange(StreamEnd client, RequestHandler handler, long bodyTimeoutNanos) {
    this.client = client;
    this.handler = handler;
    this.bodyTimeoutNanos = bodyTimeoutNanos;
    client.exchange = this;
    record.startNanos = System.nanoTime();
    progressNanos = record.startNanos;
    client.worker.watch(this);
    client.worker.budget.begin();
    handler.meters().streamOpened();
  }

  /** It may go on, for as long as this verdict stands. */
  public void allowed(AccessDecision verdict) {
    this.verdict = verdict;
    if (info != null && !verdict.user().isEmpty()) { // without a user nobody had to show anything
      info.standing().letIn();
    }
  }

  /**
   * It was let through with this, which is told of its end.
   *
   * @param share whose part of the memory it uses; null for nobody's
   * @throws IllegalStateException when it has ended already: nothing would be given back
   */
  public void admitted(Admission with, @Nullable TenantMemoryShare share) {
    if (over) {
      throw new IllegalStateException("over: true (expected: an exchange that goes on)");
    }
    admission = admission == null ? with : new Both(admission, with);
    measuring = admission.measures() ? admission : null;
    client.share(share);
  }

  /** A listener's and a tenant's. */
  private record Both(Admission one, Admission other) implements Admission {
    @Override
    public boolean measures() {
      return one.measures() || other.measures();
    }

    @Override
    public @Nullable Refusal received(ByteBuf bytes, boolean end) {
      Refusal refusal = one.received(bytes, end);
      return refusal == null ? other.received(bytes, end) : refusal;
    }

    @Override
    public void ended(RequestRecord record) {
      one.ended(record);
      other.ended(record);
    }
  }

  /** The part of its tenant; null when it was let through for none. */
  public @Nullable TenantMemoryShare share() {
    return client.share();
  }

  /** The client's end. */
  public StreamEnd client() {
    return client;
  }

  /** Whether the exchange has ended; its client must not be answered any more. */
  public boolean over() {
    return over;
  }

  // ---- deadlines

  /** From now on the upstream's timeouts hold. */
  public void limit(Timeouts upstream) {
    timeouts = upstream;
    forwarded = true;
    if (upstream.exchangeNanos() > 0) {
      tighten(record.startNanos + upstream.exchangeNanos(), false);
    }
  }

  /** The client gave up to this time itself, by {@code grpc-timeout}. */
  public void deadline(long timeoutNanos) {
    tighten(record.startNanos + timeoutNanos, true);
    if (timeoutNanos < 10 * LoopContext.TICK_MILLIS * 1_000_000) {
      client.worker.loop.schedule(
          () -> check(System.nanoTime()), timeoutNanos, TimeUnit.NANOSECONDS);
    }
  }

  private void tighten(long atNanos, boolean byClient) {
    if (deadlineNanos == NEVER || atNanos - deadlineNanos < 0) {
      deadlineNanos = atNanos;
      clientDeadline = byClient;
    }
  }

  /**
   * The answer is complete, the request is not: after a while its client's end is told. No timer:
   * under a flood of refusals there would be one for each, and each would hold on to its request.
   */
  public void linger() {
    lingerUntilNanos = client.worker.nowNanos() + CodecSettings.DRAIN_MILLIS * 1_000_000L;
  }

  void check(long nowNanos) {
    if (over) {
      return;
    }
    if (verdict != null && verdict.grounds() != null && !client.outEnd) {
      checkRight(verdict);
      if (over) {
        return;
      }
    }
    boolean late = deadlineNanos != NEVER && nowNanos - deadlineNanos >= 0;
    if (client.outEnd) {
      checkLeaving(late, nowNanos - progressNanos, nowNanos);
    } else if (late) {
      refuse(tooSlow(clientDeadline ? "the client's own deadline" : "timeouts.exchange"));
    } else {
      checkPause(nowNanos - progressNanos);
    }
  }

  private void checkRight(AccessDecision begun) {
    AuthorizationRecheck now = right;
    if (now == null) { // most requests end before the first look
      now = new AuthorizationRecheck(this, begun);
      right = now;
    }
    now.check(client.worker.nowMillis());
  }

  /** The answer is complete, but not written yet, or the client is still sending. */
  private void checkLeaving(boolean late, long pauseNanos, long nowNanos) {
    if (lingerUntilNanos != NEVER && nowNanos - lingerUntilNanos >= 0) {
      lingerUntilNanos = NEVER;
      client.lingered();
      return;
    }
    long idleNanos = timeouts.idleNanos() > 0 ? timeouts.idleNanos() : LEAVING_NANOS;
    if (late || passed(pauseNanos, Math.min(idleNanos, LEAVING_NANOS))) {
      client.abort();
    }
  }

  /** Who has to move, and for how long nobody has. */
  private void checkPause(long pauseNanos) {
    StreamEnd upstream = client.peer;
    if (client.headSent) {
      if (passed(pauseNanos, timeouts.idleNanos()) && !mayPause(Pauses.ANSWER, upstream)) {
        idle(upstream);
      }
    } else if (!client.inEnd && !client.waitsForPeer()) {
      if (passed(pauseNanos, bodyTimeoutNanos) && !mayPause(Pauses.BOTH, upstream)) {
        refuse(bodyTooSlow());
      }
    } else if (upstream != null && passed(pauseNanos, timeouts.firstByteNanos())) {
      refuse(tooSlow("timeouts.firstByte"));
    }
  }

  /** Whether nobody is to blame: the endpoint is one for conversations, and nothing is stuck. */
  private boolean mayPause(Pauses least, @Nullable StreamEnd upstream) {
    Endpoint endpoint = record.endpoint;
    return endpoint != null
        && endpoint.pauses().compareTo(least) >= 0
        && forwarded
        && !client.waitsForPeer()
        && (upstream == null || !upstream.waitsForPeer());
  }

  private void idle(@Nullable StreamEnd upstream) {
    if (upstream != null && upstream.waitsForPeer()) {
      shed(tooSlow("timeouts.idle")); // trailers would only queue behind what it does not read
    } else {
      refuse(tooSlow("timeouts.idle"));
    }
  }

  private static boolean passed(long pauseNanos, long limitNanos) {
    return limitNanos > 0 && pauseNanos >= limitNanos;
  }

  private static Refusal tooSlow(String which) {
    return Refusal.of(Refusal.Reason.TOO_SLOW, "forward: no answer within " + which);
  }

  /** What a client is told when the upstream's connection is lost. */
  public static Refusal upstreamLost() {
    return Refusal.retryable(
        Refusal.Reason.UNAVAILABLE,
        "forward: the upstream closed before its answer was complete",
        UPSTREAM_RETRY_MILLIS);
  }

  private static Refusal bodyTooSlow() {
    return Refusal.retryable(
        Refusal.Reason.BODY_TOO_SLOW,
        "forward: no more of the request's body came within clients.bodyTimeout",
        LoopContext.SHED_RETRY_MILLIS);
  }

  // ---- answers

  /** Ends the exchange with an answer of the gateway's own, as far as one can still be given. */
  public void refuse(Refusal why) {
    if (over || client.outEnd) {
      return;
    }
    record.refusal = why;
    StreamEnd upstream = client.unlink();
    if (upstream != null) {
      upstream.reset(StreamEnd.CANCEL);
    }
    if (!client.headSent) {
      say(Answers.reply(why, dialect, ingest, record.requestId));
    } else if (dialect.isGrpc()) {
      client.trailers(Answers.grpcTrailers(why, ingest));
    } else {
      client.reset(StreamEnd.INTERNAL_ERROR);
      return;
    }
    client.reset(StreamEnd.NO_ERROR);
  }

  /** Ends the exchange with an answer that is no refusal; only before any other has begun. */
  public void answer(Reply reply) {
    if (over || client.headSent) {
      return;
    }
    say(reply);
    client.reset(StreamEnd.NO_ERROR);
  }

  /** Ends what was allowed once, as it is not any more. */
  void revoke(AccessDecision now) {
    Refusal refusal = now.refusal();
    if (refusal != null && !over && !client.outEnd) {
      handler.telemetry().revoked(record, now);
      refuse(refusal);
    }
  }

  /** Ends the exchange at once: with an answer when none has begun, else by cutting it off. */
  void shed(Refusal why) {
    if (client.headSent && !over) {
      record.refusal = why;
      client.abort();
    } else {
      refuse(why);
    }
  }

  private void say(Reply reply) {
    boolean isHead = HttpMethod.HEAD.asciiName().contentEquals(record.method);
    boolean end = reply.body().length == 0 || isHead;
    client.head(reply.head(), end);
    if (!end) {
      client.data(Unpooled.wrappedBuffer(reply.body()), true);
    }
  }

  // ---- what passes

  /** Hands on the request's trailers, without what says who somebody is. */
  public void requestTrailers(StreamEnd upstream, Http2Headers trailers) {
    if (!measured(Unpooled.EMPTY_BUFFER, true)) {
      return;
    }
    Http2Headers clean = handler.cleanTrailers(Heads.cleanTrailers(trailers));
    // gRPC requests have none, and some servers end the whole connection over them
    if (clean.isEmpty() || dialect.isGrpc()) {
      upstream.data(Unpooled.EMPTY_BUFFER, true);
    } else {
      upstream.trailers(clean);
    }
  }

  /**
   * Body bytes came from the client.
   *
   * @return whether they may be handed on; else the client has been told why not
   */
  boolean received(ByteBuf bytes, boolean end) {
    record.bytesIn += bytes.readableBytes();
    return measured(bytes, end);
  }

  /** As {@link #received}, for what was counted when it came. */
  boolean measured(ByteBuf bytes, boolean end) {
    Admission by = measuring;
    if (by == null) {
      return true;
    }
    Refusal refusal = by.received(bytes, end);
    if (refusal == null) {
      return true;
    }
    measuring = null;
    refuse(refusal);
    return false;
  }

  public void sent(int n) {
    record.bytesOut += n;
  }

  /**
   * The head of the answer, which is written next.
   *
   * @return the whole body, when the head says what it must say in this dialect; else null
   */
  public @Nullable ByteBuf answered(Http2Headers head, boolean end) {
    record.status = Heads.status(head);
    grpcStatus(head);
    if (pages != null) {
      pages.mark(head);
    }
    progressNanos = client.worker.nowNanos();
    byte[] body = dialect == Dialect.GRPC_WEB ? GrpcWeb.toWeb(head, end) : null;
    return body == null ? null : Unpooled.wrappedBuffer(body);
  }

  /**
   * The trailers of the answer, which are written next.
   *
   * @return the body's end, when they are written as that in this dialect; else null
   */
  public @Nullable ByteBuf ended(Http2Headers trailers) {
    grpcStatus(trailers);
    return dialect == Dialect.GRPC_WEB ? Unpooled.wrappedBuffer(GrpcWeb.frame(trailers)) : null;
  }

  private void grpcStatus(Http2Headers headOrTrailers) {
    if (dialect.isGrpc()) {
      record.grpcStatus = Heads.grpcStatus(headOrTrailers, record.grpcStatus);
    }
  }

  /** The last call: nothing happens in this exchange any more. */
  public void end(boolean aborted) {
    if (over) {
      return;
    }
    over = true;
    record.aborted = aborted;
    record.endNanos = System.nanoTime();
    client.worker.unwatch(this);
    client.worker.budget.end();
    if (info != null) {
      info.standing().end(record.endNanos);
    }
    if (admission != null) {
      admission.ended(record);
    }
    handler.meters().streamClosed();
    handler.telemetry().finished(record);
  }
}
