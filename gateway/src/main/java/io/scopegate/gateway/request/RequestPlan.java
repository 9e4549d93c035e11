package io.scopegate.gateway.request;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.answer.Cors;
import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.GrpcWeb;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.route.Authority;
import io.scopegate.gateway.route.EndpointTable;
import io.scopegate.gateway.route.PathRewrite;
import io.scopegate.gateway.route.RecentRoute;
import io.scopegate.gateway.route.Routed;
import io.scopegate.gateway.tls.TlsConfig.ClearTextTokens;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the head of a request alone decides on one listener, before anybody is asked who sent it.
 * The data path, its early refusal and {@code explain} all go by it, so that they cannot differ.
 *
 * <pre>
 *   locate   no method or path           REFUSE
 *            a browser asks beforehand   ANSWER_QUESTION
 *            no such endpoint            REFUSE
 *            the gateway's own health    ANSWER_HEALTH
 *   settle   gRPC-Web becomes gRPC
 *            one plain host              else REFUSE
 *            the tenant in the path      REFUSE when the header differs
 *            an alias becomes the path
 *            a token in clear text       REFUSE_TOKEN
 *                                        DECIDE
 * </pre>
 *
 * <p>It holds what it found about the last head, so that nothing is allocated for a request. One
 * for each event loop, for that loop only.
 */
public final class RequestPlan {
  private static final AsciiString CONTENT_TYPE = HttpHeaderNames.CONTENT_TYPE;
  private static final AsciiString AUTHORIZATION = HttpHeaderNames.AUTHORIZATION;
  private static final AsciiString HOST = HttpHeaderNames.HOST;

  private final RecentRoute endpoints;
  private final @Nullable Cors cors;
  private final ClearTextTokens clearTextTokens;
  private @Nullable Routed routed;
  private @Nullable Refusal refusal;
  private Cors.@Nullable Pages pages;

  /** What is to be done with a request. */
  public enum Next {
    /** It is told {@link #refusal}. */
    REFUSE,
    /** A browser asks whether it may send a request, and is told {@link Cors.Pages#reply}. */
    ANSWER_QUESTION,
    /** The gateway tells its own health. */
    ANSWER_HEALTH,
    /** It is told {@link AccessDecision#TOKEN_IN_CLEAR_TEXT}. */
    REFUSE_TOKEN,
    /** Somebody has to decide whether its sender may do this. */
    DECIDE
  }

  /**
   * The plan of a listener.
   *
   * @param cors which pages of other origins may read answers; null for none
   * @param clearTextTokens which requests may bring a token without TLS
   */
  public RequestPlan(
      EndpointTable endpoints, @Nullable Cors cors, ClearTextTokens clearTextTokens) {
    this.endpoints = new RecentRoute(endpoints);
    this.cors = cors;
    this.clearTextTokens = clearTextTokens;
  }

  /**
   * All of it. Where the answer is {@link Next#DECIDE} the head is what everything behind this
   * knows: one authority, the tenant in its header, gRPC for gRPC-Web.
   *
   * @param http2 whether it came over HTTP/2
   * @param tls whether it came over TLS
   */
  public Next read(Http2Headers head, boolean http2, boolean tls) {
    Next next = locate(head, http2);
    return next == Next.DECIDE ? settle(head, tls) : next;
  }

  /**
   * Where the request goes; the head stays as it is.
   *
   * @return {@link Next#DECIDE} when {@link #settle} has to follow
   */
  Next locate(Http2Headers head, boolean http2) {
    CharSequence method = head.method();
    CharSequence path = head.path();
    pages = null;
    if (method == null || path == null) { // CONNECT has no path
      return to(EndpointTable.NO_PATH);
    }
    if (cors != null) {
      Cors.Pages from = cors.pages(head);
      pages = from;
      if (from.ask(head)) {
        routed = null;
        return Next.ANSWER_QUESTION;
      }
    }
    Next next = to(endpoints.route(method, path, head.get(CONTENT_TYPE), http2));
    refusal = refusal == null ? null : Cors.refused(refusal, head);
    return next;
  }

  private Next to(Routed found) {
    routed = found;
    refusal = found.refusal();
    if (found.endpoint() == null) {
      return Next.REFUSE;
    }
    return found.isAnsweredHere() ? Next.ANSWER_HEALTH : Next.DECIDE;
  }

  /** Whether {@link #settle} would change the head that was located last. */
  boolean changes(Http2Headers head) {
    Routed to = routed();
    return to.dialect() == Dialect.GRPC_WEB || to.rewrite() != null || head.contains(HOST);
  }

  /** Makes the head what everything behind this knows, or says why it cannot be. */
  Next settle(Http2Headers head, boolean tls) {
    Routed to = routed();
    if (to.dialect() == Dialect.GRPC_WEB) {
      GrpcWeb.toGrpc(head);
    }
    PathRewrite path = to.rewrite();
    Refusal bad = Authority.canonicalize(head);
    if (bad == null && path != null) {
      bad = path.applyTo(head);
    }
    refusal = bad;
    if (bad != null) {
      return Next.REFUSE;
    }
    boolean readable =
        !tls && clearTextTokens.refuses(to.served().operation()) && head.contains(AUTHORIZATION);
    return readable ? Next.REFUSE_TOKEN : Next.DECIDE;
  }

  /** Whether answers say which pages may read them. */
  boolean marksAnswers() {
    return cors != null;
  }

  /** Where the last head goes; there is no such place for a browser's question. */
  public Routed routed() {
    return Objects.requireNonNull(routed, "routed");
  }

  /** Why the last head is refused. */
  public Refusal refusal() {
    return Objects.requireNonNull(refusal, "refusal");
  }

  /** The pages that the last head came from; null where that is not the gateway's business. */
  public Cors.@Nullable Pages pages() {
    return pages;
  }
}
