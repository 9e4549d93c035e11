package io.scopegate.gateway.telemetry;

import static io.scopegate.gateway.telemetry.TextAccessLine.field;

import io.scopegate.authz.User;
import io.scopegate.gateway.json.JsonBytes;
import io.scopegate.gateway.route.Endpoint;
import java.util.List;

/** One line a decision for people: time, {@code audit}, the decision, then names and values. */
final class TextAuditLine implements LineLog.Line<AuditEntry> {
  private final Timestamp timestamp = new Timestamp();

  @Override
  public void append(AuditEntry entry, long epochMillis, JsonBytes out) {
    timestamp.append(epochMillis, out);
    out.raw(' ').text("audit", 5).raw(' ').text(entry.decision(), JsonAccessLine.MOST_CHARS);
    RequestRecord request = entry.request();
    Endpoint endpoint = request.endpoint;
    if (endpoint != null) {
      field(out, "operation", endpoint.operation().label());
      field(out, "endpoint", endpoint.name());
    }
    field(out, "tenant", request.tenant);
    field(out, "tenant_source", entry.tenantSource());
    who(entry, out);
    field(out, "listener", request.listener);
    field(out, "client", request.client);
    field(out, "from", entry.from());
    age(out, "authentication_age", entry.authenticationAge(epochMillis));
    age(out, "authorization_age", entry.authorizationAge(epochMillis));
    field(out, "id", request.requestId());
    field(out, "trace", request.traceId());
    if (entry.revoked()) {
      field(out, "revoked", "true");
    }
    if (entry.skipped() > 0) {
      out.raw(' ').text("skipped=", 8).number(entry.skipped());
    }
    String reason = entry.reason();
    if (!reason.isEmpty()) {
      out.raw(' ').string(reason, JsonAccessLine.MOST_CHARS);
    }
    field(out, "cause", entry.verdict().cause());
    out.raw('\n');
  }

  private static void who(AuditEntry entry, JsonBytes out) {
    User user = entry.user();
    if (user != null) {
      field(out, "user", user.name());
      field(out, "uid", user.uid());
      field(out, "groups", groups(user.groups()));
    }
    field(out, "source", entry.source());
  }

  private static String groups(List<String> groups) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < Math.min(groups.size(), AuditEntry.MOST_GROUPS); i++) {
      String group = groups.get(i);
      all.append(i == 0 ? "" : ",")
          .append(group, 0, Math.min(group.length(), AuditEntry.MOST_GROUP_CHARS));
    }
    return all.toString();
  }

  private static void age(JsonBytes out, String name, long millis) {
    if (millis >= 0) {
      out.raw(' ').text(name, name.length()).raw('=').number(millis).raw('m').raw('s');
    }
  }
}
