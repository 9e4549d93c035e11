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
import io.scopegate.gateway.meter.AnswerMeter;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.Operation;
import io.scopegate.gateway.route.Routed;
import io.scopegate.gateway.route.Traffic.Pauses;
import io.scopegate.gateway.telemetry.RequestRecord;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one object that holds what is known about a request from its head to its end: its record, how
 * its client must be answered and its deadlines. Lives on one event loop.
 */
public final class Exchange {
  /** For how long the rest of a request is read once its answer is complete. */
  public static final long LINGER_MILLIS = 1_000;

  private static final int GOOD = 200;
  private static final long NEVER = Long.MAX_VALUE;
  private static final long UPSTREAM_RETRY_MILLIS = 1_000;

  /** What is logged and counted at the end. */
  public final RequestRecord record;

  /** Who may read the answer in a browser; null where that is not the gateway's business. */
  public Cors.@Nullable Pages pages;

  @Nullable Exchange previous;
  @Nullable Exchange next;
  long progressNanos;

  private final StreamEnd client;
  private final ConnectionContext context;
  private Dialect dialect = Dialect.PROBLEM;
  private @Nullable TrailerRules trailerRules;
  private Timeouts timeouts = Timeouts.NONE;
  private long deadlineNanos = NEVER;
  private boolean clientDeadline;
  private boolean forwarded;
  private boolean ended;
  private boolean ownAnswer;
  private long lingerUntilNanos = NEVER;
  private @Nullable AccessDecision decision;
  private @Nullable AuthorizationRecheck recheck;
  private @Nullable Admission admission;
  private @Nullable Admission measuring;
  private @Nullable AnswerReading reading;

  /**
   * An exchange whose head arrived now.
   *
   * @param client the client's end, which belongs to it from now on
   * @param context what it shares with the other requests of its connection
   */
  public Exchange(StreamEnd client, ConnectionContext context) {
    this.client = client;
    this.context = context;
    record = context.newRecord();
    client.exchange = this;
    progressNanos = record.startNanos;
    client.loop.watch(this);
    client.loop.budget.begin();
    context.client().standing().begin();
    context.meters().streamOpened();
  }

  /** What it shares with the other requests of its connection. */
  public ConnectionContext context() {
    return context;
  }

  /** How its client is answered; known once it is routed. */
  public Dialect dialect() {
    return dialect;
  }

  /** Whether it stores: a refusal for a passing reason must be one that such a client retries. */
  public boolean ingest() {
    Endpoint endpoint = record.endpoint;
    return endpoint != null && endpoint.ingest();
  }

  /** Whether it changes nothing upstream, so that it may be sent twice: a gRPC read, or a GET. */
  public boolean isRepeatable() {
    Endpoint endpoint = record.endpoint;
    return endpoint != null && endpoint.grpc()
        ? endpoint.operation() == Operation.READ
        : isGet(record.method());
  }

  private static boolean isGet(CharSequence method) {
    return HttpMethod.GET.asciiName().contentEquals(method)
        || HttpMethod.HEAD.asciiName().contentEquals(method);
  }

  /**
   * It is known where it goes.
   *
   * @param to the endpoint, and how this client is answered
   * @param trailers what its trailers may not carry: by the configuration that its head goes by
   */
  public void routed(Routed to, TrailerRules trailers) {
    dialect = to.dialect();
    record.endpoint = to.endpoint();
    trailerRules = trailers;
  }

  /** It may go on, for as long as this decision stands. */
  public void allowed(AccessDecision by) {
    decision = by;
    if (!by.user().isEmpty()) { // without a user nobody had to show anything
      context.client().standing().letIn();
    }
  }

  /**
   * It was let through with this, which is told of its end.
   *
   * @param share whose part of the memory it uses; null for nobody's
   * @throws IllegalStateException when it has ended already: nothing would be given back
   */
  public void admitted(Admission with, @Nullable TenantMemoryShare share) {
    if (ended) {
      throw new IllegalStateException("ended: true (expected: an exchange that goes on)");
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
  public boolean ended() {
    return ended;
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
      client.loop.eventLoop.schedule(
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
    lingerUntilNanos = client.loop.nowNanos() + LINGER_MILLIS * 1_000_000L;
  }

  void check(long nowNanos) {
    if (ended) {
      return;
    }
    if (decision != null && decision.grounds() != null && !client.outEnd) {
      recheck(decision);
      if (ended) {
        return;
      }
    }
    act(ExchangeDeadlines.decide(progress(nowNanos), timeouts, context.bodyTimeoutNanos()));
  }

  private void recheck(AccessDecision begun) {
    AuthorizationRecheck now = recheck;
    if (now == null) {
      now = new AuthorizationRecheck(new Subject(), begun);
      recheck = now;
    }
    now.check(client.loop.nowMillis());
  }

  private ExchangeDeadlines.Progress progress(long nowNanos) {
    StreamEnd upstream = client.peer;
    Endpoint endpoint = record.endpoint;
    return new ExchangeDeadlines.Progress(
        client.headSent,
        client.inEnd,
        client.outEnd,
        ownAnswer,
        context.unread().areMany(),
        lingerUntilNanos != NEVER && nowNanos - lingerUntilNanos >= 0,
        overdue(nowNanos),
        upstream != null,
        client.waitsForPeer(),
        upstream != null && upstream.waitsForPeer(),
        endpoint == null || !forwarded ? Pauses.NONE : endpoint.pauses(),
        nowNanos - progressNanos);
  }

  private ExchangeDeadlines.Overdue overdue(long nowNanos) {
    if (deadlineNanos == NEVER || nowNanos - deadlineNanos < 0) {
      return ExchangeDeadlines.Overdue.NO;
    }
    return clientDeadline ? ExchangeDeadlines.Overdue.CLIENT : ExchangeDeadlines.Overdue.EXCHANGE;
  }

  private void act(ExchangeDeadlines.Action action) {
    switch (action) {
      case NONE -> {}
      case ABORT -> client.abort();
      case CLOSE_CONNECTION -> closeConnection();
      case LINGERED -> {
        lingerUntilNanos = NEVER;
        client.lingered();
      }
      case IDLE -> refuse(tooSlow("timeouts.idle"));
      case IDLE_UNREAD -> shed(tooSlow("timeouts.idle"));
      case BODY_TOO_SLOW -> refuse(bodyTooSlow());
      case FIRST_BYTE -> refuse(tooSlow("timeouts.firstByte"));
      case DEADLINE -> refuse(tooSlow("timeouts.exchange"));
      case CLIENT_DEADLINE -> refuse(tooSlow("the client's own deadline"));
    }
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
    if (ended || client.outEnd) {
      return;
    }
    record.refusal = why;
    if (why.isClientsFault()) {
      context.client().standing().refused(record.tenant, client.loop.nowNanos());
    }
    StreamEnd upstream = client.unlink();
    if (upstream != null) {
      upstream.reset(StreamEnd.CANCEL);
    }
    if (!client.headSent) {
      answerItself();
      say(Answers.reply(why, dialect, ingest(), record.requestId()));
    } else if (dialect.isGrpc()) {
      answerItself();
      client.trailers(Answers.grpcTrailers(why, ingest()));
    } else {
      client.reset(StreamEnd.INTERNAL_ERROR);
      return;
    }
    client.reset(StreamEnd.NO_ERROR);
    boundUnread();
  }

  /** Ends the exchange with an answer that is no refusal; only before any other has begun. */
  public void answer(Reply reply) {
    if (ended || client.headSent) {
      return;
    }
    answerItself();
    say(reply);
    client.reset(StreamEnd.NO_ERROR);
    boundUnread();
  }

  /**
   * The request is under way no longer: what remains is an answer that is to be read, which is
   * bounded in another way. Otherwise clients that do not read refusals would keep all others out.
   */
  private void answerItself() {
    ownAnswer = true;
    client.loop.budget.answered();
    context.unread().add();
    release();
  }

  private void boundUnread() {
    if (context.unread().areTooMany(client.loop.budget)) {
      closeConnection();
    }
  }

  private void closeConnection() {
    if (context.unread().close()) { // more answers may follow within the same turn
      client.loop.budget.closedUnread();
      client.closeConnection();
    }
  }

  /** Gives back what it was let through with. */
  private void release() {
    Admission with = admission;
    admission = null;
    measuring = null;
    if (with != null) {
      with.ended(record);
    }
  }

  /** What its right is checked for; made at the first look, which most requests do not see. */
  private final class Subject implements AuthorizationRecheck.Subject {
    @Override
    public LoopContext loop() {
      return client.loop;
    }

    @Override
    public boolean ended() {
      return ended;
    }

    @Override
    public void revoke(AccessDecision now) {
      Exchange.this.revoke(now);
    }
  }

  private void revoke(AccessDecision now) {
    Refusal refusal = now.refusal();
    if (refusal != null && !ended && !client.outEnd) {
      context.telemetry().revoked(record, now);
      refuse(refusal);
    }
  }

  /** Ends the exchange at once: with an answer when none has begun, else by cutting it off. */
  void shed(Refusal why) {
    if (client.headSent && !ended) {
      record.refusal = why;
      client.abort();
    } else {
      refuse(why);
    }
  }

  private void say(Reply reply) {
    boolean isHead = HttpMethod.HEAD.asciiName().contentEquals(record.method());
    boolean end = reply.body().length == 0 || isHead;
    client.head(reply.head(), end);
    if (!end) {
      client.data(Unpooled.wrappedBuffer(reply.body()), reply.trailers() == null);
      if (reply.trailers() != null) {
        client.trailers(reply.trailers());
      }
    }
  }

  // ---- what passes

  /** Hands on the request's trailers, without what says who somebody is. */
  public void requestTrailers(StreamEnd upstream, Http2Headers trailers) {
    if (!measured(Unpooled.EMPTY_BUFFER, true)) {
      return;
    }
    TrailerRules rules = trailerRules;
    // gRPC requests have none, and some servers end the whole connection over them
    if (rules == null || dialect.isGrpc()) {
      upstream.data(Unpooled.EMPTY_BUFFER, true);
      return;
    }
    rules.prepareTrailers(NeutralHeads.cleanTrailers(trailers));
    if (trailers.isEmpty()) {
      upstream.data(Unpooled.EMPTY_BUFFER, true);
    } else {
      upstream.trailers(trailers);
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

  /** Has the upstream's answer read for what the query cost. */
  public void readAnswer(AnswerMeter by) {
    reading = new AnswerReading(by, client);
  }

  /** Body bytes of the upstream's answer are about to be written. */
  void passes(ByteBuf bytes) {
    AnswerReading by = reading;
    if (by != null) {
      by.passes(bytes);
    }
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
    record.status = NeutralHeads.status(head);
    grpcStatus(head);
    if (reading != null && !ownAnswer && record.status == GOOD) {
      reading.begin(head, dialect.isGrpc());
    }
    if (pages != null) {
      pages.mark(head);
    }
    progressNanos = client.loop.nowNanos();
    byte[] body = dialect == Dialect.GRPC_WEB ? GrpcWeb.toWeb(head, end) : null;
    return body == null ? null : Unpooled.wrappedBuffer(body);
  }

  /**
   * The trailers of the answer, which are written next.
   *
   * @return the body's end, when they are written as that in this dialect; else null
   */
  public @Nullable ByteBuf answeredWith(Http2Headers trailers) {
    grpcStatus(trailers);
    return dialect == Dialect.GRPC_WEB ? Unpooled.wrappedBuffer(GrpcWeb.frame(trailers)) : null;
  }

  private void grpcStatus(Http2Headers headOrTrailers) {
    if (dialect.isGrpc()) {
      record.grpcStatus = NeutralHeads.grpcStatus(headOrTrailers, record.grpcStatus);
    }
  }

  /** The last call: nothing happens in this exchange any more. */
  public void end(boolean aborted) {
    if (ended) {
      return;
    }
    ended = true;
    record.aborted = aborted;
    record.endNanos = System.nanoTime();
    context.client().standing().end(record.endNanos);
    client.loop.unwatch(this);
    if (ownAnswer) {
      client.loop.budget.read();
      context.unread().remove();
    } else {
      client.loop.budget.end();
    }
    release();
    if (reading != null) {
      record.cost = reading.end();
    }
    context.meters().streamClosed();
    context.telemetry().finished(record);
  }
}
