package io.scopegate.gateway.telemetry;

import static io.scopegate.gateway.telemetry.JsonAccessLine.field;
import static io.scopegate.gateway.telemetry.JsonAccessLine.key;
import static io.scopegate.gateway.telemetry.JsonAccessLine.utf8;

import io.scopegate.authz.User;
import io.scopegate.gateway.json.JsonBytes;
import io.scopegate.gateway.route.Endpoint;
import java.util.List;

/** One JSON object a decision. What is empty or not known is left out. */
final class JsonAuditLine implements LineLog.Line<AuditEntry> {
  private static final byte[] TIME = utf8("{\"time\":\"");
  private static final byte[] TYPE = utf8("\",\"type\":\"audit\"");
  private static final byte[] DECISION = key("decision");
  private static final byte[] REVOKED = utf8(",\"revoked\":true");
  private static final byte[] REQUEST_ID = key("request_id");
  private static final byte[] TRACE_ID = key("trace_id");
  private static final byte[] LISTENER = key("listener");
  private static final byte[] CLIENT = key("client");
  private static final byte[] USER = key("user");
  private static final byte[] UID = key("uid");
  private static final byte[] GROUPS = key("groups");
  private static final byte[] SOURCE = key("source");
  private static final byte[] TENANT = key("tenant");
  private static final byte[] TENANT_SOURCE = key("tenant_source");
  private static final byte[] ENDPOINT = key("endpoint");
  private static final byte[] OPERATION = key("operation");
  private static final byte[] REASON = key("reason");
  private static final byte[] CAUSE = key("cause");
  private static final byte[] FROM = key("from");
  private static final byte[] AUTHENTICATION_AGE = key("authentication_age_ms");
  private static final byte[] AUTHORIZATION_AGE = key("authorization_age_ms");
  private static final byte[] SKIPPED = key("skipped");
  private static final byte[] END = utf8("}\n");

  private final Timestamp timestamp = new Timestamp();

  @Override
  public void append(AuditEntry entry, long epochMillis, JsonBytes out) {
    out.raw(TIME);
    timestamp.append(epochMillis, out);
    out.raw(TYPE);
    field(out, DECISION, entry.decision());
    if (entry.revoked()) {
      out.raw(REVOKED);
    }
    field(out, REQUEST_ID, entry.request().requestId());
    field(out, TRACE_ID, entry.request().traceId());
    field(out, LISTENER, entry.request().listener);
    field(out, CLIENT, entry.request().client);
    who(entry, out);
    what(entry, out);
    field(out, REASON, entry.reason());
    field(out, CAUSE, entry.verdict().cause());
    field(out, FROM, entry.from());
    age(out, AUTHENTICATION_AGE, entry.authenticationAge(epochMillis));
    age(out, AUTHORIZATION_AGE, entry.authorizationAge(epochMillis));
    if (entry.skipped() > 0) {
      out.raw(SKIPPED).number(entry.skipped());
    }
    out.raw(END);
  }

  private static void who(AuditEntry entry, JsonBytes out) {
    User user = entry.user();
    if (user != null) {
      field(out, USER, user.name());
      field(out, UID, user.uid());
      groups(user.groups(), out.raw(GROUPS));
    }
    field(out, SOURCE, entry.source());
  }

  private static void groups(List<String> groups, JsonBytes out) {
    int count = Math.min(groups.size(), AuditEntry.MOST_GROUPS);
    out.raw('[');
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        out.raw(',');
      }
      out.string(groups.get(i), AuditEntry.MOST_GROUP_CHARS);
    }
    if (count < groups.size()) {
      out.raw(',').string("…", 1);
    }
    out.raw(']');
  }

  private static void what(AuditEntry entry, JsonBytes out) {
    field(out, TENANT, entry.request().tenant);
    field(out, TENANT_SOURCE, entry.tenantSource());
    Endpoint endpoint = entry.request().endpoint;
    if (endpoint != null) {
      field(out, ENDPOINT, endpoint.name());
      field(out, OPERATION, endpoint.operation().label());
    }
  }

  private static void age(JsonBytes out, byte[] key, long millis) {
    if (millis >= 0) {
      out.raw(key).number(millis);
    }
  }
}
