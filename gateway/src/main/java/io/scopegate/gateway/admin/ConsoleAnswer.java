package io.scopegate.gateway.admin;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * Writes the answers of the console. Each of them, whatever its status, forbids a browser to guess
 * its type, to show it in a frame, and to load anything from it; only the page itself may load
 * things, from the console and from nowhere else.
 */
final class ConsoleAnswer {
  static final String TEXT = "text/plain; charset=utf-8";
  static final String JSON = "application/json";
  static final String YAML = "application/yaml";

  /** What loads nothing. */
  private static final String NOTHING = "default-src 'none'; frame-ancestors 'none'";

  /** The page: scripts and styles in files of their own, so that no text can become one. */
  private static final String PAGE =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
          + " img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private ConsoleAnswer() {}

  /** A message. */
  static void text(RoutingContext context, int status, String text) {
    end(context, head(context.response(), status, TEXT), Buffer.buffer(text));
  }

  /** A document. */
  static void of(RoutingContext context, String type, @Nullable String text) {
    end(context, head(context.response(), 200, type), Buffer.buffer(text == null ? "" : text));
  }

  /** A file of the page. */
  static void file(RoutingContext context, ConsolePage.File file) {
    HttpServerResponse response = context.response();
    if (response.ended() || response.closed()) {
      return;
    }
    boolean isKnown = file.etag().equals(context.request().getHeader(HttpHeaders.IF_NONE_MATCH));
    head(response, isKnown ? 304 : 200, file.type())
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache") // kept, and asked about each time
        .putHeader(HttpHeaders.ETAG, file.etag())
        .putHeader("Content-Security-Policy", PAGE);
    if (isKnown) {
      context.end();
    } else {
      end(context, response, Buffer.buffer(file.content()));
    }
  }

  /** Begins an answer that goes on. */
  static HttpServerResponse head(HttpServerResponse response, int status, String type) {
    if (response.ended() || response.closed()) {
      return response;
    }
    return response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, type)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("Content-Security-Policy", NOTHING)
        .putHeader("Cross-Origin-Resource-Policy", "same-origin")
        .putHeader("Cross-Origin-Opener-Policy", "same-origin")
        .putHeader("Referrer-Policy", "no-referrer");
  }

  private static void end(RoutingContext context, HttpServerResponse response, Buffer body) {
    if (response.ended() || response.closed()) {
      return;
    }
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
    if (context.request().method().equals(HttpMethod.HEAD)) {
      context.end();
    } else {
      context.end(body);
    }
  }
}
