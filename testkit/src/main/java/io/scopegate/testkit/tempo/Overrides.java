package io.scopegate.testkit.tempo;

import io.scopegate.testkit.tempo.QueryHttp.Answer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The tenants' own overrides, with a version that a change must name. For one event loop.
 *
 * @see <a
 *     href="https://grafana.com/docs/tempo/latest/operations/manage-advanced-systems/user-configurable-overrides/">User-configurable
 *     overrides</a>
 */
final class Overrides {
  static final String PATH = "/api/overrides";

  private final Map<String, Entry> tenants = new ConcurrentHashMap<>();

  private record Entry(int version, JsonObject limits) {}

  /** Answers, and sets the {@code ETag}. */
  Answer answer(HttpServerRequest request, String tenant, Buffer body) {
    Entry now = tenants.get(tenant);
    String method = request.method().name();
    if (method.equals("GET")) {
      return now == null ? Answer.text(404, "not found") : answer(request, now);
    }
    String match = request.getHeader("If-Match");
    if (match == null) {
      return Answer.text(428, "must specify If-Match header");
    }
    if (!match.equals(Integer.toString(now == null ? 0 : now.version()))) {
      return Answer.text(412, "precondition failed");
    }
    if (method.equals("DELETE")) {
      tenants.remove(tenant);
      return Answer.text(200, "");
    }
    JsonObject limits = new JsonObject(body);
    if (method.equals("PATCH") && now != null) {
      limits = now.limits().copy().mergeIn(limits, true);
    }
    Entry next = new Entry(now == null ? 1 : now.version() + 1, limits);
    tenants.put(tenant, next);
    return answer(request, next);
  }

  private static Answer answer(HttpServerRequest request, Entry entry) {
    request.response().putHeader("ETag", Integer.toString(entry.version()));
    return new Answer(200, "application/json", entry.limits().toBuffer());
  }
}
