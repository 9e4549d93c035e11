package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Proof;
import io.scopegate.authz.Authorization;
import io.scopegate.authz.Authorization.Decision;
import io.scopegate.authz.Authorization.Ground;
import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.User;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.DecisionBasis;
import io.scopegate.gateway.access.DecisionSource;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class AuditLogTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:13:14.015Z");
  private static final ResourceAttributes ASKED =
      new ResourceAttributes("get", "tempo.grafana.com", "", "showcase", "", "traces", "");

  private final Lines lines = new Lines();
  private final LogOutput output = new LogOutput(lines);
  private final LineLog<AuditEntry> json =
      LineLog.ofDecisions(output, LogConfig.Format.JSON, InstantSource.fixed(NOW));
  private final LineLog<AuditEntry> text =
      LineLog.ofDecisions(output, LogConfig.Format.TEXT, InstantSource.fixed(NOW));
  private final Telemetry telemetry = new Telemetry(null, 10, "test");

  @AfterEach
  void close() {
    telemetry.close();
    output.close();
  }

  private static User user(String... groups) {
    return new User(
        "system:serviceaccount:observability:grafana", "u-1", List.of(groups), Map.of());
  }

  private static DecisionBasis grounds(User user, Decision decision) {
    long now = NOW.toEpochMilli();
    Proof proof = new Proof(Proof.Source.TOKEN_REVIEW, "", now - 1500, Long.MAX_VALUE, lease());
    Ground ground = Ground.of(Ground.Source.SUBJECT_ACCESS_REVIEW, now - 20);
    return new DecisionBasis(
        Authentication.authenticated(user, Long.MAX_VALUE, proof),
        List.of("showcase"),
        "header",
        List.of(ASKED),
        List.of(new Authorization(decision, "by role x", Long.MAX_VALUE, ground)),
        () -> Future.failedFuture("not asked"));
  }

  private static io.scopegate.authz.Lease lease() {
    return new io.scopegate.authz.Lease();
  }

  private static AccessDecision allowed(User user) {
    return new AccessDecision(
        null,
        AsciiString.of("showcase"),
        "showcase",
        user.name(),
        Long.MAX_VALUE,
        grounds(user, Decision.ALLOW));
  }

  private static AccessDecision refused(Reason reason) {
    User user = user("a");
    return new AccessDecision(
        Refusal.of(reason, "authorization: no\n\u001b[31m"),
        null,
        "showcase",
        user.name(),
        0,
        grounds(user, Decision.DENY));
  }

  @Test
  void aDecisionHasEverythingThatItRestsOn() throws InterruptedException {
    AccessDecision verdict = allowed(user("system:serviceaccounts", "system:authenticated"));
    json.write(new AuditEntry(RequestRecords.search(), verdict, DecisionSource.CACHE, false));

    assertThat(new JsonObject(lines.next()))
        .isEqualTo(
            new JsonObject()
                .put("time", "2026-11-21T12:13:14.015Z")
                .put("type", "audit")
                .put("decision", "allow")
                .put("request_id", "0123456789abcdef")
                .put("listener", "query")
                .put("client", "10.1.2.3:40404")
                .put("user", "system:serviceaccount:observability:grafana")
                .put("uid", "u-1")
                .put(
                    "groups",
                    new JsonArray().add("system:serviceaccounts").add("system:authenticated"))
                .put("source", "token_review")
                .put("tenant", "showcase")
                .put("tenant_source", "header")
                .put("endpoint", "/api/search")
                .put("operation", "read")
                .put("reason", "by role x")
                .put("from", "cache")
                .put("authentication_age_ms", 1500)
                .put("authorization_age_ms", 20));
  }

  @Test
  void whatExactlyWasWrongWithACredentialIsThere() throws InterruptedException {
    Authentication refused =
        Authentication.unauthenticated(
                "a claim is not accepted", 0, Authentication.Proof.Source.OIDC)
            .because("claim email_verified is false (expected: true)");
    DecisionBasis grounds =
        new DecisionBasis(
            refused, List.of(), "", List.of(), List.of(), () -> Future.failedFuture("not asked"));
    Refusal refusal = Refusal.of(Reason.UNAUTHENTICATED, "authentication: a claim is not accepted");
    AuditEntry entry =
        new AuditEntry(
            RequestRecords.search(),
            new AccessDecision(refusal, null, "", "", 0, grounds),
            DecisionSource.ASKED,
            false);
    json.write(entry);
    JsonObject line = new JsonObject(lines.next());
    assertThat(line.getString("reason")).isEqualTo("authentication: a claim is not accepted");
    assertThat(line.getString("cause")).isEqualTo("claim email_verified is false (expected: true)");
    text.write(entry);
    assertThat(lines.next()).endsWith("cause=\"claim email_verified is false (expected: true)\"");
  }

  @Test
  void peopleGetOneLineToo() throws InterruptedException {
    AccessDecision verdict = refused(Reason.FORBIDDEN);
    text.write(new AuditEntry(RequestRecords.search(), verdict, DecisionSource.ASKED, true));

    assertThat(lines.next())
        .isEqualTo(
            "2026-11-21T12:13:14.015Z audit deny operation=read endpoint=/api/search"
                + " tenant=showcase tenant_source=header"
                + " user=system:serviceaccount:observability:grafana uid=u-1 groups=a"
                + " source=token_review listener=query client=10.1.2.3:40404 from=asked"
                + " authentication_age=1500ms authorization_age=20ms id=0123456789abcdef"
                + " revoked=true \"authorization: no\\n\\u001b[31m\"");
  }

  @Test
  void aHundredThousandGroupsMakeNoLongLine() throws InterruptedException {
    String[] groups = Collections.nCopies(100_000, "g".repeat(5_000)).toArray(String[]::new);
    AccessDecision verdict = allowed(user(groups));

    json.write(new AuditEntry(RequestRecords.search(), verdict, DecisionSource.CACHE, false));
    String line = lines.next();
    assertThat(line).hasSizeLessThan(20_000);
    assertThat(new JsonObject(line).getJsonArray("groups")).hasSize(AuditEntry.MOST_GROUPS + 1);
    text.write(new AuditEntry(RequestRecords.search(), verdict, DecisionSource.CACHE, false));
    assertThat(lines.next()).hasSizeLessThan(5_000);
  }

  private static LogConfig auditing(LogConfig.Audit wanted) {
    return new LogConfig(
        LogConfig.Level.INFO, LogConfig.Format.JSON, true, null, 2, 2, wanted, 1, null, null);
  }

  @ParameterizedTest
  @EnumSource(LogConfig.Audit.class)
  void onlyWhatIsWantedIsLogged(LogConfig.Audit wanted) {
    telemetry.auditTo(json);
    telemetry.reconfigure(auditing(wanted));

    telemetry.decided(RequestRecords.search(), allowed(user()), DecisionSource.MEMO);
    telemetry.decided(RequestRecords.search(), refused(Reason.FORBIDDEN), DecisionSource.ASKED);
    telemetry.revoked(RequestRecords.search(), refused(Reason.UNAUTHENTICATED));
    output.close();

    assertThat(lines.waiting())
        .isEqualTo(
            switch (wanted) {
              case NONE -> 0;
              case DENIED -> 2;
              case ALL -> 3;
            });
  }

  @Test
  void whoIsKnownCannotFillTheLogWithRefusalsNorHideOthers() throws InterruptedException {
    telemetry.auditTo(json);
    telemetry.reconfigure(auditing(LogConfig.Audit.DENIED));
    for (int i = 0; i < 1_000; i++) {
      telemetry.decided(begun("jane", 0), refused(Reason.FORBIDDEN, "jane"), DecisionSource.MEMO);
    }
    telemetry.decided(begun("mary", 0), refused(Reason.FORBIDDEN, "mary"), DecisionSource.MEMO);
    telemetry.decided(
        begun("jane", 2_000_000_000L), refused(Reason.FORBIDDEN, "jane"), DecisionSource.MEMO);

    for (int i = 0; i < 3; i++) {
      assertThat(new JsonObject(lines.next()).containsKey("skipped")).isFalse();
    }
    assertThat(new JsonObject(lines.next()).getInteger("skipped")).isEqualTo(998);
    assertThat(new String(telemetry.scrape(), StandardCharsets.UTF_8))
        .contains("scopegate_audit_log_skipped_total 998.0");
  }

  @Test
  void whoIsNotKnownCannotFillItEitherWhereTheAccessLogIsOff() {
    telemetry.auditTo(json);
    telemetry.reconfigure(
        new LogConfig(
            LogConfig.Level.INFO,
            LogConfig.Format.JSON,
            false,
            null,
            2,
            null,
            LogConfig.Audit.DENIED,
            1,
            null,
            null));
    for (int i = 0; i < 1_000; i++) {
      telemetry.decided(begun("", 0), refused(Reason.UNAUTHENTICATED, ""), DecisionSource.ASKED);
    }
    output.close();

    assertThat(lines.waiting()).isEqualTo(2);
  }

  private static RequestRecord begun(String user, long startNanos) {
    RequestRecord record = new RequestRecord("query", "", false, "HTTP/1.1", startNanos);
    record.asked("id", "GET", "/api/search");
    record.user = user;
    return record;
  }

  private static AccessDecision refused(Reason reason, String user) {
    return new AccessDecision(Refusal.of(reason, "why"), null, "showcase", user, 0);
  }

  @Test
  void anAnswerPastItsTimeIsCalledStale() throws InterruptedException {
    AccessDecision verdict = allowed(user());
    DecisionBasis old = verdict.grounds();
    DecisionBasis grounds =
        new DecisionBasis(
            old.authentication().staleUntil(1),
            old.tenants(),
            old.tenantSource(),
            old.questions(),
            old.answers(),
            old.again());
    AccessDecision stale =
        new AccessDecision(null, verdict.tenantHeader(), "showcase", verdict.user(), 1, grounds);
    telemetry.auditTo(json);
    telemetry.reconfigure(auditing(LogConfig.Audit.ALL));

    telemetry.decided(RequestRecords.search(), stale, DecisionSource.CACHE);

    assertThat(new JsonObject(lines.next()).getString("from")).isEqualTo("stale");
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void everyRefusalHasAWordOfItsOwn(Reason reason) throws InterruptedException {
    AccessDecision verdict = new AccessDecision(Refusal.of(reason, "why"), null, "", "", 0);

    json.write(new AuditEntry(RequestRecords.search(), verdict, DecisionSource.CACHE, false));

    JsonObject line = new JsonObject(lines.next());
    assertThat(line.getString("decision"))
        .isEqualTo(reason == Reason.FORBIDDEN ? "deny" : reason.label());
    assertThat(line.fieldNames()).doesNotContain("from", "source", "groups");
  }
}
