package io.scopegate.gateway;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.access.Access;
import io.scopegate.gateway.access.Memo;
import io.scopegate.gateway.access.Origin;
import io.scopegate.gateway.access.Verdict;
import io.scopegate.gateway.answer.Answers;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.codec.Exchange;
import io.scopegate.gateway.codec.RequestHandler;
import io.scopegate.gateway.codec.Side;
import io.scopegate.gateway.codec.Waiting;
import io.scopegate.gateway.codec.Worker;
import io.scopegate.gateway.forward.RequestHeaders;
import io.scopegate.gateway.forward.Upstream;
import io.scopegate.gateway.route.Authority;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.EndpointTable;
import io.scopegate.gateway.route.Routed;
import io.scopegate.gateway.telemetry.ListenerMeters;
import io.scopegate.gateway.telemetry.RequestIds;
import io.scopegate.gateway.telemetry.Telemetry;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a request through one listener on one event loop: route, access, forward. A step that
 * says no answers the client; none reaches back.
 */
final class Gate implements RequestHandler {
  private static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
  private static final AsciiString GRPC_TIMEOUT = AsciiString.cached("grpc-timeout");

  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

  private final Worker worker;
  private final EndpointTable endpoints;
  private final List<Upstream> routes;
  private final Access access;
  private final RequestHeaders headers;
  private final Telemetry telemetry;
  private final ListenerMeters meters;

  /**
   * A gate.
   *
   * @param routes the upstreams of the listener's routes, in the endpoint table's order
   */
  Gate(
      Worker worker,
      EndpointTable endpoints,
      List<Upstream> routes,
      Access access,
      RequestHeaders headers,
      Telemetry telemetry,
      ListenerMeters meters) {
    this.worker = worker;
    this.endpoints = endpoints;
    this.routes = List.copyOf(routes);
    this.access = access;
    this.headers = headers;
    this.telemetry = telemetry;
    this.meters = meters;
  }

  /** Whether it takes the same out of trailers as another one. */
  boolean cleansLike(Gate other) {
    return headers.stripsLike(other.headers);
  }

  @Override
  public Telemetry telemetry() {
    return telemetry;
  }

  @Override
  public ListenerMeters meters() {
    return meters;
  }

  @Override
  public Http2Headers cleanTrailers(Http2Headers trailers) {
    headers.prepareTrailers(trailers);
    return trailers;
  }

  @Override
  public void malformed(Exchange x, Refusal why) {
    x.record.requestId = RequestIds.of(null);
    x.refuse(why);
  }

  @Override
  public void request(Exchange x, Http2Headers head, boolean end, Memo memo) {
    try {
      route(x, head, end, memo);
    } catch (RuntimeException e) {
      defect(x, e);
    }
  }

  /** One request's defect must not end its connection, and all other requests with it. */
  private static void defect(Exchange x, RuntimeException e) {
    LOG.error("request {}: a defect of the gateway", x.record.requestId, e);
    x.refuse(Refusal.of(Refusal.Reason.DEFECT, "the gateway failed; see its log"));
  }

  private void route(Exchange x, Http2Headers head, boolean end, Memo memo) {
    CharSequence method = head.method();
    CharSequence path = head.path();
    x.record.requestId = RequestIds.of(head.get(Answers.REQUEST_ID));
    x.record.method = method == null ? "" : method;
    if (path == null || method == null) { // CONNECT has no path
      x.refuse(Refusal.of(Refusal.Reason.MALFORMED, "route: the request has no path"));
      return;
    }
    x.record.path = EndpointTable.pathOf(path);
    Routed routed = endpoints.route(method, path, head.get(CONTENT_TYPE), x.http2);
    x.dialect = routed.dialect();
    Endpoint endpoint = routed.endpoint();
    if (endpoint == null) {
      x.refuse(Objects.requireNonNull(routed.refusal(), "refusal"));
      return;
    }
    x.record.endpoint = endpoint;
    x.ingest = endpoint.ingest();
    Refusal host = Authority.settle(head);
    if (host != null) {
      x.refuse(host);
      return;
    }
    if (worker.budget.spent()) {
      x.refuse(Worker.overloaded());
      return;
    }
    if (endpoint.grpc()) {
      takeDeadline(x, head.get(GRPC_TIMEOUT));
    }
    decide(x, head, end, memo, endpoint, routes.get(routed.route()));
  }

  private static void takeDeadline(Exchange x, @Nullable CharSequence grpcTimeout) {
    long nanos = grpcTimeout == null ? -1 : GrpcTimeout.nanos(grpcTimeout);
    if (nanos >= 0) {
      x.deadline(nanos);
    }
  }

  private void decide(
      Exchange x, Http2Headers head, boolean end, Memo memo, Endpoint endpoint, Upstream upstream) {
    Verdict last = memo.last();
    Verdict known = access.known(endpoint, head, memo);
    if (known == null) {
      ask(x, head, end, memo, endpoint, upstream);
    } else if (note(x, known, known == last ? Origin.MEMO : Origin.CACHE)) {
      Side side = forward(x, head, known, endpoint, upstream);
      x.client().link(side);
      side.head(head, end);
      x.client().proceed();
    }
  }

  /** What the client sends meanwhile waits; it gets no credit for it. */
  private void ask(
      Exchange x, Http2Headers head, boolean end, Memo memo, Endpoint endpoint, Upstream upstream) {
    Waiting waiting = new Waiting(worker);
    x.client().link(waiting);
    waiting.head(head, end);
    access
        .ask(endpoint, head, memo)
        .onComplete(answer -> {
          Verdict verdict = answer.succeeded() ? answer.result() : defect();
          if (worker.loop.inEventLoop()) {
            answered(x, head, waiting, verdict, endpoint, upstream);
          } else {
            worker.loop.execute(() -> answered(x, head, waiting, verdict, endpoint, upstream));
          }
        });
  }

  private void answered(
      Exchange x,
      Http2Headers head,
      Waiting waiting,
      Verdict verdict,
      Endpoint endpoint,
      Upstream upstream) {
    try {
      if (waiting.cancelled()) {
        audit(x, verdict, Origin.ASKED); // who hangs up leaves a trace all the same
      } else if (note(x, verdict, Origin.ASKED)) {
        waiting.become(forward(x, head, verdict, endpoint, upstream));
        x.client().proceed();
      }
    } catch (RuntimeException e) {
      defect(x, e);
    }
  }

  private static Verdict defect() {
    return new Verdict(
        Refusal.of(Refusal.Reason.DEFECT, "access: the decision failed"), null, "", "", 0);
  }

  /** Whether the request may go on. */
  private boolean note(Exchange x, Verdict verdict, Origin found) {
    audit(x, verdict, found);
    Refusal refusal = verdict.refusal();
    if (refusal != null) {
      x.refuse(refusal);
    } else {
      x.allowed(verdict);
    }
    return refusal == null;
  }

  private void audit(Exchange x, Verdict verdict, Origin found) {
    x.record.tenant = verdict.tenant();
    x.record.user = verdict.user();
    telemetry.decided(x.record, verdict, found);
  }

  private Side forward(
      Exchange x, Http2Headers head, Verdict verdict, Endpoint endpoint, Upstream upstream) {
    headers.prepare(head, verdict.tenantHeader(), x.info, upstream.scheme());
    x.limit(upstream.timeouts());
    x.record.upstream = upstream.name();
    return upstream.open(endpoint.grpc());
  }
}
