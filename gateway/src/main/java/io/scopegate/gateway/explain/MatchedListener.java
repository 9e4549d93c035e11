package io.scopegate.gateway.explain;

import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.answer.Cors;
import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.request.RequestPlan;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.Routed;
import org.jspecify.annotations.Nullable;

/**
 * Where a request arrives, and what its head alone decides there.
 *
 * @param listener the listener's name
 * @param method the HTTP method it comes with
 * @param contentType the content type it comes with; null for none
 * @param tls whether it comes over TLS
 * @param next what is to be done with it
 * @param routed what the listener's endpoint table says; null for a browser's question
 * @param refusal why the head is refused; null when it is not
 * @param pages the pages that it comes from; null where that is not the gateway's business
 * @param head its head, as it is decided on
 */
public record MatchedListener(
    String listener,
    String method,
    @Nullable String contentType,
    boolean tls,
    RequestPlan.Next next,
    @Nullable Routed routed,
    @Nullable Refusal refusal,
    Cors.@Nullable Pages pages,
    Http2Headers head) {
  /** Whether an endpoint serves it there, or a browser's question is answered. */
  public boolean serves() {
    return routed == null || routed.endpoint() != null;
  }

  /** Whether authentication and authorization have to decide: the head alone does not. */
  public boolean isUndecided() {
    return next == RequestPlan.Next.DECIDE;
  }

  /** The endpoint; null when none serves it. */
  @Nullable Endpoint endpoint() {
    return routed == null ? null : routed.endpoint();
  }

  /** The protocol of the answer to the client. */
  Dialect dialect() {
    return routed == null ? Dialect.PROBLEM : routed.dialect();
  }
}
