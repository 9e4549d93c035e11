package io.scopegate.testkit.tempo;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;

/**
 * One request as the stand-in saw it. The head never changes; sizes and outcome grow while the
 * request is served, and may be read from any thread.
 */
public final class Received {
  private final Surface surface;
  private final String protocol;
  private final String method;
  private final String uri;
  private final List<Map.Entry<String, String>> headers;
  private final String connection;
  private final Runnable changed;
  private volatile String tenant = "";
  private volatile long bodyBytes;
  private volatile int messagesSent;
  private volatile boolean requestEnded;
  private volatile boolean answered;
  private volatile boolean cancelled;

  Received(Surface surface, HttpServerRequest request, Runnable changed) {
    this.surface = surface;
    this.protocol = request.version().alpnName();
    this.method = request.method().name();
    this.uri = request.uri();
    this.headers = copy(request.headers());
    this.connection = String.valueOf(request.remoteAddress());
    this.changed = changed;
  }

  /** On which surface it came. */
  public Surface surface() {
    return surface;
  }

  /** {@code h2}, {@code http/1.1} or {@code http/1.0}. */
  public String protocol() {
    return protocol;
  }

  /** The HTTP method. */
  public String method() {
    return method;
  }

  /** Path and query as they came, nothing decoded. */
  public String uri() {
    return uri;
  }

  /** The path as it came, nothing decoded. */
  public String path() {
    int query = uri.indexOf('?');
    return query < 0 ? uri : uri.substring(0, query);
  }

  /** All header lines in order, names as they came. */
  public List<Map.Entry<String, String>> headers() {
    return headers;
  }

  /** All values of a header, in order. */
  public List<String> header(String name) {
    return values(headers, name);
  }

  /** The client's address and port: one per connection. */
  public String connection() {
    return connection;
  }

  /** What was made of {@code X-Scope-OrgID}; empty when refused or not looked at. */
  public String tenant() {
    return tenant;
  }

  /** How many bytes of body have been read, as they came on the wire (gRPC: message payloads). */
  public long bodyBytes() {
    return bodyBytes;
  }

  /** How many messages of a stream, or events, went out. */
  public int messagesSent() {
    return messagesSent;
  }

  /** Whether the whole request has been read. */
  public boolean requestEnded() {
    return requestEnded;
  }

  /** Whether the answer went out to its end. */
  public boolean answered() {
    return answered;
  }

  /** Whether the client went away, or reset the stream, before it was answered. */
  public boolean cancelled() {
    return cancelled;
  }

  void tenant(String id) {
    tenant = id;
    changed.run();
  }

  void bodyBytes(long bytes) {
    bodyBytes = bytes;
    changed.run();
  }

  void messageSent() {
    messagesSent++;
    changed.run();
  }

  void end() {
    requestEnded = true;
    changed.run();
  }

  void answeredNow() {
    answered = true;
    changed.run();
  }

  void cancelledNow() {
    if (!answered) {
      cancelled = true;
      changed.run();
    }
  }

  /** Method, path and tenant; no header values. */
  @Override
  public String toString() {
    return surface + " " + method + " " + uri + " tenant=" + tenant;
  }

  private static List<Map.Entry<String, String>> copy(MultiMap map) {
    return map.entries().stream().map(e -> Map.entry(e.getKey(), e.getValue())).toList();
  }

  private static List<String> values(List<Map.Entry<String, String>> entries, String name) {
    return entries.stream()
        .filter(entry -> entry.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .toList();
  }
}
