package io.scopegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Proof;
import io.scopegate.authz.User;
import io.scopegate.gateway.access.AuthorizationConfig.Mapping;
import io.scopegate.gateway.access.TenancyConfig.Source;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.Operation;
import io.scopegate.gateway.route.Traffic;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is forwarded although it would be refused, and for whom. */
class AuditOnlyAccessTest {
  private static final Endpoint READ =
      new Endpoint("/api/search", false, Operation.READ, Traffic.QUERY);
  private static final Endpoint WRITE =
      new Endpoint("/v1/traces", false, Operation.WRITE, Traffic.INGEST);
  private static final Endpoint OPEN =
      new Endpoint("/api/echo", false, Operation.OPEN, Traffic.NONE);
  private static final User WRITER = Configs.user("system:serviceaccount:apps:writer");

  private AccessDecision inner = refused(Reason.FORBIDDEN, null);
  private final Access access =
      new AuditOnlyAccess(
          new Access() {
            @Override
            public AccessDecision known(
                Endpoint endpoint, Http2Headers head, ConnectionDecisionCache memo) {
              return inner;
            }

            @Override
            public Future<AccessDecision> ask(
                Endpoint endpoint, Http2Headers head, ConnectionDecisionCache memo) {
              return Future.succeededFuture(inner);
            }
          },
          Configs.authorization(Mapping.TEMPO_OPERATOR),
          Configs.tenancy(Source.HEADER, Source.NAMESPACE));

  private static AccessDecision refused(Reason reason, @Nullable User user) {
    DecisionBasis basis =
        user == null
            ? null
            : new DecisionBasis(
                Authentication.authenticated(user, 0, Proof.of(Proof.Source.NONE)),
                List.of(),
                "",
                List.of(),
                List.of(),
                () -> Future.failedFuture("not asked again"));
    return new AccessDecision(
        Refusal.of(reason, "why"), null, "", user == null ? "" : user.name(), 0, basis);
  }

  private static Http2Headers head(String... tenants) {
    Http2Headers head = new DefaultHttp2Headers();
    for (String tenant : tenants) {
      head.add(AsciiString.of("x-scope-orgid"), AsciiString.of(tenant));
    }
    return head;
  }

  private AccessDecision decide(Endpoint endpoint, Http2Headers head) {
    ConnectionDecisionCache memo = new ConnectionDecisionCache();
    AccessDecision known = access.known(endpoint, head, memo);
    assertThat(access.ask(endpoint, head, memo).result()).isEqualTo(known);
    return known;
  }

  private void staysRefused(Endpoint endpoint, Http2Headers head) {
    assertThat(decide(endpoint, head)).isSameAs(inner);
  }

  @ParameterizedTest
  @EnumSource(names = {"UNAUTHENTICATED", "FORBIDDEN", "UNDECIDED"})
  void aRequestIsForwardedForTheTenantThatItNames(Reason reason) {
    inner = refused(reason, null);

    AccessDecision decision = decide(READ, head("payments"));

    assertThat(decision.allowed()).isTrue();
    assertThat(String.valueOf(decision.tenantHeader())).isEqualTo("payments");
    assertThat(decision.tenant()).isEqualTo("payments");
    assertThat(decision.waived()).isEqualTo(inner.refusal());
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"UNAUTHENTICATED", "FORBIDDEN", "UNDECIDED"})
  void everyOtherRefusalStays(Reason reason) {
    inner = refused(reason, null);

    staysRefused(READ, head("payments"));
  }

  @Test
  void theNamespaceIsTheTenantOfACallerWhoIsKnown() {
    inner = refused(Reason.FORBIDDEN, WRITER);

    assertThat(decide(WRITE, head()).tenant()).isEqualTo("apps");
    assertThat(decide(WRITE, head()).user()).isEqualTo(WRITER.name());
  }

  @Test
  void withoutATenantThatIsValidItStaysRefused() {
    staysRefused(READ, head());
    staysRefused(READ, head(""));
    staysRefused(READ, head("a/b"));
    staysRefused(READ, head("a", "b"));
    staysRefused(WRITE, head("a|b"));
    assertThat(decide(READ, head("b|a")).tenant()).isEqualTo("a|b");
    assertThat(decide(READ, head("a", "a")).tenant()).isEqualTo("a");
  }

  @Test
  void whatNeedsNoTenantGetsNone() {
    inner = refused(Reason.UNAUTHENTICATED, null);

    AccessDecision decision = decide(OPEN, head("payments"));

    assertThat(decision.allowed()).isTrue();
    assertThat((Object) decision.tenantHeader()).isNull();
  }

  @Test
  void whatIsAllowedIsNotChanged() {
    inner = new AccessDecision(null, AsciiString.of("a"), "a", "jane", 5);

    assertThat(decide(READ, head("a"))).isSameAs(inner);
  }

  @Test
  void nothingEndsWhatWasForwarded() {
    assertThat(access.enforces()).isFalse();
    inner = refused(Reason.FORBIDDEN, WRITER);

    AccessDecision decision = decide(READ, head("payments")).withoutEnd();

    assertThat(decision.validUntilMillis()).isEqualTo(Long.MAX_VALUE);
    assertThat(decision.grounds()).isNull();
    assertThat(decision.waived()).isEqualTo(inner.refusal());
  }
}
