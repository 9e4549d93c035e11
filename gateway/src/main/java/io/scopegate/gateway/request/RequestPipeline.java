package io.scopegate.gateway.request;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.access.Access;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.ConnectionDecisionCache;
import io.scopegate.gateway.access.DecisionSource;
import io.scopegate.gateway.answer.Answers;
import io.scopegate.gateway.answer.Cors;
import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.ConnectionContext;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.PendingEnd;
import io.scopegate.gateway.exchange.RequestHandler;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.forward.Destination;
import io.scopegate.gateway.forward.RequestHeaders;
import io.scopegate.gateway.limit.AdmissionControl;
import io.scopegate.gateway.request.RequestPlan.Next;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.EndpointTable;
import io.scopegate.gateway.route.Routed;
import io.scopegate.gateway.telemetry.RequestIds;
import io.scopegate.gateway.telemetry.RequestRecord;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.gateway.telemetry.Tracing;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a request through one listener on one event loop: route, access, limit, forward. A
 * step that refuses answers the client; none calls an earlier one.
 */
public final class RequestPipeline implements RequestHandler {
  private static final AsciiString GRPC_TIMEOUT = AsciiString.cached("grpc-timeout");

  /** How long a query may be that is held: as much as a client may send before it gets credit. */
  private static final int HELD_BYTES = 65_535;

  private static final Logger LOG = LoggerFactory.getLogger(RequestPipeline.class);

  private static final Refusal LOOP =
      Refusal.retryable(
          Refusal.Reason.UNAVAILABLE,
          "route: the request comes from this gateway itself: an upstream leads back to it; set"
              + " upstreams.NAME.host to upstream, or correct its url",
          30_000);

  private final LoopContext worker;
  private final RequestPlan plan;
  private final List<Destination> routes;
  private final Access access;
  private final RequestHeaders headers;
  private final Telemetry telemetry;
  private final AdmissionControl admissions;
  private final @Nullable Tracing tracing;

  /**
   * The way through one listener on one event loop.
   *
   * @param plan what heads decide there, of this loop's own
   * @param routes the upstreams of the listener's routes, in the endpoint table's order
   */
  public RequestPipeline(
      LoopContext worker,
      RequestPlan plan,
      List<? extends Destination> routes,
      Access access,
      RequestHeaders headers,
      Telemetry telemetry,
      AdmissionControl admissions) {
    this.worker = worker;
    this.plan = plan;
    this.routes = List.copyOf(routes);
    this.access = access;
    this.headers = headers;
    this.telemetry = telemetry;
    this.admissions = admissions;
    this.tracing = telemetry.tracing();
  }

  @Override
  public void malformed(Exchange x, Refusal why) {
    x.record.asked(RequestIds.of(null), "", "");
    x.refuse(why);
  }

  @Override
  public void request(Exchange x, Http2Headers head, boolean end, ConnectionDecisionCache memo) {
    try {
      route(x, head, end, memo);
    } catch (RuntimeException e) {
      defect(x, e);
    }
  }

  @Override
  public @Nullable RequestRecord refuseAgain(
      Http2Headers head, ConnectionDecisionCache memo, ConnectionContext context) {
    try {
      return over(head, memo, context);
    } catch (RuntimeException e) {
      LOG.error("a refusal without an exchange: a defect of the gateway", e);
      return null; // the usual way will show it once more, with the request's id
    }
  }

  /**
   * The same steps as for any request; each that does not lead to the refusal gives up, and so does
   * whatever would change the head: the usual way has to find it as it came.
   */
  private @Nullable RequestRecord over(
      Http2Headers head, ConnectionDecisionCache memo, ConnectionContext context) {
    boolean busy = worker.budget.spent() || worker.budget.crowded() || admissions.hasCeiling();
    if (busy || plan.marksAnswers() || plan.locate(head, true) != Next.DECIDE) {
      return null;
    }
    Routed routed = plan.routed();
    if (routed.dialect() != Dialect.GRPC
        || plan.changes(head)
        || plan.settle(head, context.client().tls()) != Next.DECIDE) {
      return null;
    }
    Endpoint endpoint = routed.served();
    if (!endpoint.grpc() || !endpoint.traffic().stores()) {
      return null;
    }
    AccessDecision last = memo.last();
    AccessDecision verdict = access.known(endpoint, head, memo);
    Refusal refusal = verdict == null ? null : over(verdict);
    if (verdict == null || refusal == null) {
      return null;
    }
    RequestRecord record = context.newRecord();
    record.asked(
        RequestIds.of(head.get(Answers.REQUEST_ID)),
        head.method(),
        EndpointTable.pathOf(head.path()));
    if (tracing != null) {
      record.trace = tracing.begin(head, record.startNanos);
    }
    record.endpoint = endpoint;
    record.tenant = verdict.tenant();
    record.user = verdict.user();
    record.cause = verdict.cause();
    record.refusal = refusal;
    record.waived = verdict.waived();
    telemetry.decided(
        record, verdict, verdict == last ? DecisionSource.MEMO : DecisionSource.CACHE);
    return record;
  }

  /** Why the call is refused, if that costs no question and comes from a client's own doing. */
  private @Nullable Refusal over(AccessDecision verdict) {
    Refusal refusal = verdict.refusal();
    if (refusal == null) {
      return admissions.stillOver(verdict);
    }
    return refusal.reason().isOfAccess() ? refusal : null;
  }

  /** One request's defect must not end its connection, and all other requests with it. */
  private static void defect(Exchange x, RuntimeException e) {
    LOG.error("request {}: a defect of the gateway", x.record.requestId(), e);
    x.refuse(Refusal.of(Refusal.Reason.DEFECT, "the gateway failed; see its log"));
  }

  private void route(Exchange x, Http2Headers head, boolean end, ConnectionDecisionCache memo) {
    CharSequence method = head.method();
    CharSequence path = head.path();
    x.record.asked(
        RequestIds.of(head.get(Answers.REQUEST_ID)),
        method == null ? "" : method,
        path == null || method == null ? "" : EndpointTable.pathOf(path));
    if (tracing != null) {
      x.record.trace = tracing.begin(head, x.record.startNanos);
    }
    ConnectionContext context = x.context();
    Next next = plan.read(head, context.http2(), context.client().tls());
    Cors.Pages pages = plan.pages();
    if (next == Next.ANSWER_QUESTION && pages != null) {
      x.answer(pages.reply(x.record.requestId().toString()));
      return;
    }
    Routed routed = plan.routed();
    x.pages = pages;
    x.routed(routed, headers);
    if (RequestHeaders.isLoop(head)) {
      x.refuse(LOOP);
      return;
    }
    switch (next) {
      case REFUSE -> x.refuse(plan.refusal());
      case ANSWER_HEALTH -> health(x, routed);
      case REFUSE_TOKEN -> note(x, AccessDecision.TOKEN_IN_CLEAR_TEXT, DecisionSource.NONE);
      case DECIDE -> begin(x, head, end, routed, memo);
      case ANSWER_QUESTION -> throw new IllegalStateException("pages: null (expected: some)");
    }
  }

  /** Tells nothing but whether traffic is welcome; a listener of its own is always well. */
  private void health(Exchange x, Routed routed) {
    boolean well = EndpointTable.isLiveness(routed) || telemetry.isReady();
    if (routed.dialect() == Dialect.GRPC) {
      x.answer(Answers.grpcHealth(well, x.record.requestId()));
    } else {
      x.answer(
          well ? Answers.healthy(x.record.requestId()) : Answers.unhealthy(x.record.requestId()));
    }
  }

  /** What the listener bears, and then who it is. */
  private void begin(
      Exchange x, Http2Headers head, boolean end, Routed routed, ConnectionDecisionCache memo) {
    Refusal full =
        worker.budget.spent() || worker.budget.crowded()
            ? LoopContext.overloaded()
            : admissions.begin(x);
    if (full != null) {
      x.refuse(full);
      return;
    }
    if (routed.served().grpc()) {
      takeDeadline(x, head.get(GRPC_TIMEOUT));
    }
    decide(new Request(x, head, end, routed, routes.get(routed.route())), memo);
  }

  private static void takeDeadline(Exchange x, @Nullable CharSequence grpcTimeout) {
    long nanos = grpcTimeout == null ? -1 : GrpcTimeout.nanos(grpcTimeout);
    if (nanos >= 0) {
      x.deadline(nanos);
    }
  }

  /** A request on its way. */
  private record Request(
      Exchange x, Http2Headers head, boolean end, Routed to, Destination upstream) {
    Endpoint endpoint() {
      return to.served();
    }
  }

  private void decide(Request r, ConnectionDecisionCache memo) {
    AccessDecision last = memo.last();
    AccessDecision known = access.known(r.endpoint(), r.head, memo);
    if (known == null) {
      ask(r, memo);
    } else if (!note(r.x, known, known == last ? DecisionSource.MEMO : DecisionSource.CACHE)
        || !admit(r, known)) {
      return; // it was refused
    } else if (!r.end && admissions.readsMessage(r.endpoint(), known)) {
      hold(r, known, waiting(r));
      r.x.client().proceed();
    } else {
      StreamEnd side = forward(r, known);
      r.x.client().link(side);
      side.head(r.head, r.end);
      r.x.client().proceed();
    }
  }

  /** What the client sends meanwhile waits; it gets no credit for it. */
  private void ask(Request r, ConnectionDecisionCache memo) {
    PendingEnd waiting = waiting(r);
    access
        .ask(r.endpoint(), r.head, memo)
        .onComplete(answer -> {
          AccessDecision verdict = answer.succeeded() ? answer.result() : defect();
          if (worker.eventLoop.inEventLoop()) {
            answered(r, waiting, verdict);
          } else {
            worker.eventLoop.execute(() -> answered(r, waiting, verdict));
          }
        });
  }

  private PendingEnd waiting(Request r) {
    PendingEnd waiting = new PendingEnd(worker);
    r.x.client().link(waiting);
    waiting.head(r.head, r.end);
    return waiting;
  }

  private void answered(Request r, PendingEnd waiting, AccessDecision verdict) {
    try {
      if (waiting.cancelled()) {
        audit(r.x, verdict, DecisionSource.ASKED); // who hangs up leaves a trace all the same
        return;
      }
      if (!note(r.x, verdict, DecisionSource.ASKED)
          || !admit(r, verdict)
          || !waiting.measure(r.x)) {
        return; // it was refused
      }
      if (!r.end && admissions.readsMessage(r.endpoint(), verdict)) {
        hold(r, verdict, waiting);
      } else {
        waiting.handOver(forward(r, verdict));
      }
      r.x.client().proceed();
    } catch (RuntimeException e) {
      defect(r.x, e);
    }
  }

  /** Keeps a query until it is known what it asks for. */
  private void hold(Request r, AccessDecision verdict, PendingEnd waiting) {
    r.x.limit(r.upstream.timeouts());
    waiting.hold(
        HELD_BYTES,
        body -> {
          try {
            Refusal refusal = admissions.checkMessage(r.endpoint(), r.head, verdict, body);
            if (refusal != null && !admissions.waives(r.x, refusal)) {
              r.x.refuse(refusal);
            } else {
              waiting.handOver(forward(r, verdict));
            }
          } catch (RuntimeException e) {
            defect(r.x, e);
          }
        });
  }

  private static AccessDecision defect() {
    return new AccessDecision(
        Refusal.of(Refusal.Reason.DEFECT, "access: the decision failed"), null, "", "", 0);
  }

  /** Whether the request may go on. */
  private boolean note(Exchange x, AccessDecision verdict, DecisionSource found) {
    audit(x, verdict, found);
    Refusal refusal = verdict.refusal();
    if (refusal != null) {
      x.refuse(refusal);
    } else {
      x.allowed(access.enforces() ? verdict : verdict.withoutEnd());
    }
    return refusal == null;
  }

  private void audit(Exchange x, AccessDecision verdict, DecisionSource found) {
    x.record.tenant = verdict.tenant();
    x.record.user = verdict.user();
    x.record.cause = verdict.cause();
    x.record.waived = verdict.waived();
    telemetry.decided(x.record, verdict, found);
  }

  /** Whether its tenant may use what it needs. */
  private boolean admit(Request r, AccessDecision verdict) {
    Refusal refusal = admissions.admit(r.x, r.to, r.head, r.end, verdict);
    if (refusal != null) {
      r.x.refuse(refusal);
    }
    return refusal == null;
  }

  private StreamEnd forward(Request r, AccessDecision verdict) {
    headers.prepare(
        r.head, verdict.tenantHeader(), verdict.who(), r.x.context().client(), r.upstream.scheme());
    if (tracing != null) {
      tracing.forwarded(r.x.record, r.head);
    }
    long key = together(r, verdict);
    // only Tempo's own calls have the same path everywhere
    r.upstream.locate(r.head, r.endpoint().grpc() && !r.endpoint().isAnyPath());
    r.x.limit(r.upstream.timeouts());
    r.x.record.upstream = r.upstream.name();
    admissions.readAnswer(r.x, r.endpoint());
    if (r.upstream.hedges() && r.end && !r.endpoint().grpc() && r.x.isRepeatable()) {
      return r.upstream.openHedged(r.x.share(), key);
    }
    return r.upstream.open(r.endpoint().grpc(), r.x.share(), key);
  }

  /** What it has in common with the requests that go to the same server. */
  private static long together(Request r, AccessDecision verdict) {
    return r.upstream.affinity().key(verdict.tenantHeader(), r.head.path(), r.endpoint().grpc());
  }
}
