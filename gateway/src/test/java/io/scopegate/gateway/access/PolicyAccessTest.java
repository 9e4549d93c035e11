package io.scopegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Outcome;
import io.scopegate.authz.Authentication.Proof;
import io.scopegate.authz.Authenticator;
import io.scopegate.authz.Authorization;
import io.scopegate.authz.Authorization.Decision;
import io.scopegate.authz.Authorizer;
import io.scopegate.authz.Lease;
import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.User;
import io.scopegate.gateway.access.AuthorizationConfig.Mapping;
import io.scopegate.gateway.access.TenancyConfig.Source;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.Operation;
import io.scopegate.gateway.route.Traffic;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class PolicyAccessTest {
  private static final Endpoint READ =
      new Endpoint("/api/search", false, Operation.READ, Traffic.QUERY);
  private static final Endpoint WRITE =
      new Endpoint("/v1/traces", false, Operation.WRITE, Traffic.INGEST);
  private static final Endpoint OPEN =
      new Endpoint("/api/echo", false, Operation.OPEN, Traffic.NONE);

  private final HandClock clock = new HandClock();
  private final Cluster cluster = new Cluster();
  private final PolicyAccess access =
      new PolicyAccess(
          cluster,
          cluster,
          new AccessConfig(
              true,
              Configs.tenancy(Source.HEADER, Source.NAMESPACE),
              Configs.authorization(Mapping.TEMPO_OPERATOR)),
          clock,
          this::inForce);
  private PolicyAccess inForce = access;
  private final ConnectionDecisionCache memo = new ConnectionDecisionCache();

  private PolicyAccess inForce() {
    return inForce;
  }

  /** Knows tokens and rights by heart, once asked for them. */
  private final class Cluster implements Authenticator, Authorizer {
    private final Map<String, Authentication> tokens = new HashMap<>();
    private final Map<String, Decision> rights = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private final List<String> looked = new ArrayList<>();
    private boolean warm;
    private User expected;
    private Promise<Authentication> later;

    Cluster token(String token, User user) {
      tokens.put(
          token, new Authentication(Outcome.AUTHENTICATED, user, "", clock.millis() + 120_000));
      return this;
    }

    Cluster right(String verbAndTenant, Decision decision) {
      rights.put(verbAndTenant, decision);
      return this;
    }

    private Authentication answer(CharSequence token) {
      return tokens.getOrDefault(
          token.toString(),
          new Authentication(Outcome.UNAUTHENTICATED, null, "rejected", clock.millis() + 10_000));
    }

    private Authorization answer(ResourceAttributes attributes) {
      Decision decision =
          rights.getOrDefault(attributes.verb() + " " + attributes.resource(), Decision.DENY);
      return new Authorization(decision, "because", clock.millis() + 30_000);
    }

    @Override
    public Authentication cached(CharSequence token) {
      looked.add(token.toString());
      return warm ? answer(token) : null;
    }

    @Override
    public Future<Authentication> authenticate(CharSequence token, Object client) {
      asked.add("token");
      return later == null ? Future.succeededFuture(answer(token)) : later.future();
    }

    @Override
    public Future<Authentication> authenticate(
        CharSequence token, Object client, Consumer<User> expecting) {
      Future<Authentication> answer = authenticate(token, client);
      if (expected != null) {
        expecting.accept(expected);
      }
      return answer;
    }

    @Override
    public Authorization cached(User user, ResourceAttributes attributes) {
      return warm ? answer(attributes) : null;
    }

    @Override
    public Future<Authorization> authorize(User user, ResourceAttributes attributes) {
      String question = attributes.verb() + " " + attributes.resource();
      asked.add(expected == null ? question : user.name() + " " + question);
      return Future.succeededFuture(answer(attributes));
    }
  }

  private static Http2Headers head(String... namesAndValues) {
    Http2Headers head = new DefaultHttp2Headers();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      head.add(AsciiString.of(namesAndValues[i]), AsciiString.of(namesAndValues[i + 1]));
    }
    return head;
  }

  private static Http2Headers jane(String tenant) {
    return head("authorization", "Bearer jane", "x-scope-orgid", tenant);
  }

  private AccessDecision ask(Endpoint endpoint, Http2Headers head) {
    return access.ask(endpoint, head, new ConnectionDecisionCache()).result();
  }

  private Refusal refusal(Endpoint endpoint, Http2Headers head) {
    AccessDecision asked = ask(endpoint, head);
    assertThat((Object) asked.tenantHeader()).isNull();
    cluster.warm = true;
    AccessDecision known = access.known(endpoint, head, new ConnectionDecisionCache());
    cluster.warm = false;
    assertThat(known.refusal().reason()).isEqualTo(asked.refusal().reason());
    assertThat(known.refusal().detail()).isEqualTo(asked.refusal().detail());
    return asked.refusal();
  }

  @Test
  void letsThroughWhatAReviewAllowsAndSetsTheTenant() {
    cluster.token("jane", Configs.JANE).right("get payments", Decision.ALLOW);
    assertThat(access.known(READ, jane("payments"), memo)).isNull();
    AccessDecision verdict = ask(READ, jane("payments"));
    assertThat(verdict.allowed()).isTrue();
    assertThat(String.valueOf(verdict.tenantHeader())).isEqualTo("payments");
    assertThat(verdict.tenant()).isEqualTo("payments");
    assertThat(verdict.user()).isEqualTo("jane");
    assertThat(verdict.validUntilMillis()).isEqualTo(clock.millis() + 30_000);
    assertThat(cluster.asked).containsExactly("token", "get payments");
  }

  @Test
  void whatIsAskedFirstIsAskedEarlyOfWhoIsExpected() {
    cluster.expected = Configs.JANE;
    Promise<Authentication> answer = Promise.promise();
    cluster.later = answer;
    Future<AccessDecision> asked =
        access.ask(READ, jane("payments|orders"), new ConnectionDecisionCache());
    assertThat(cluster.asked).containsExactly("token", "jane get payments");
    assertThat(asked.isComplete()).isFalse();
    cluster.right("get payments", Decision.ALLOW).right("get orders", Decision.ALLOW);
    answer.complete(cluster.token("jane", Configs.JANE).answer("jane"));
    assertThat(asked.result().allowed()).isTrue();
  }

  @Test
  void anAnswerAboutWhoWasExpectedIsNoneAboutAnother() {
    cluster.expected = Configs.JANE;
    cluster.right("get payments", Decision.ALLOW);
    User other = new User("other", "", List.of(), Map.of());
    cluster.token("jane", other);
    assertThat(ask(READ, jane("payments")).user()).isEqualTo("other");
    assertThat(cluster.asked).containsExactly("token", "jane get payments", "other get payments");
  }

  @Test
  void whereNothingWouldBeAskedNothingIsAskedEarly() {
    cluster.expected = Configs.JANE;
    cluster.token("jane", Configs.JANE);
    ask(OPEN, jane("payments"));
    ask(READ, head("authorization", "Bearer jane", "x-scope-orgid", "no/tenant"));
    assertThat(cluster.asked).containsExactly("token", "token");
  }

  @Test
  void asksForTheVerbOfTheOperation() {
    cluster.token("jane", Configs.JANE).right("create payments", Decision.ALLOW);
    assertThat(ask(WRITE, jane("payments")).allowed()).isTrue();
    assertThat(refusal(READ, jane("payments")).reason()).isEqualTo(Reason.FORBIDDEN);
  }

  @Test
  void aRefusalNamesStepTenantVerbAndTheRuleThatWouldAllow() {
    cluster.token("jane", Configs.JANE);
    assertThat(refusal(READ, jane("payments")).detail())
        .isEqualTo(
            "authorization: user jane may not read tenant payments: SubjectAccessReview denied"
                + " get payments.tempo.grafana.com/traces; a ClusterRole with {apiGroups:"
                + " [tempo.grafana.com], resources: [payments], resourceNames: [traces], verbs:"
                + " [get]}, bound to the user, would allow it");
  }

  @Test
  void withoutATokenNobodyIsAsked() {
    for (Http2Headers head :
        List.of(
            head("x-scope-orgid", "payments"),
            head("authorization", "Bearer jane", "authorization", "Bearer john"),
            head("authorization", "jane"))) {
      assertThat(refusal(READ, head).reason()).isEqualTo(Reason.UNAUTHENTICATED);
    }
    assertThat(cluster.asked).isEmpty();
  }

  @Test
  void aRejectedTokenIsRefusedForGood() {
    Refusal refusal = refusal(READ, jane("payments"));
    assertThat(refusal.reason()).isEqualTo(Reason.UNAUTHENTICATED);
    assertThat(refusal.retryAfterMillis()).isZero();
    assertThat(refusal.detail()).isEqualTo("authentication: rejected");
  }

  @Test
  void notBeingAbleToAskIsNoRefusalForGood() {
    cluster.tokens.put("jane", new Authentication(Outcome.UNDECIDED, null, "no answer", 0));
    Refusal refusal = refusal(READ, jane("payments"));
    assertThat(refusal.reason()).isEqualTo(Reason.UNDECIDED);
    assertThat(refusal.retryAfterMillis()).isBetween(1000L, 3000L);

    cluster.token("jane", Configs.JANE).right("get payments", Decision.UNDECIDED);
    assertThat(refusal(READ, jane("payments")).reason()).isEqualTo(Reason.UNDECIDED);
  }

  @Test
  void asksAboutOneMemberAfterTheOtherUpToTheFirstNo() {
    cluster
        .token("jane", Configs.JANE)
        .right("get b", Decision.ALLOW)
        .right("get u", Decision.UNDECIDED);
    assertThat(ask(READ, jane("b|z|y|a")).refusal().detail()).contains("tenant z:");
    assertThat(cluster.asked).containsExactly("token", "get b", "get z");

    cluster.asked.clear();
    assertThat(ask(READ, jane("b|u|a")).refusal().reason()).isEqualTo(Reason.UNDECIDED);
    assertThat(cluster.asked).containsExactly("token", "get b", "get u");
  }

  @Test
  void everyMemberOfAFederatedQueryMustBeAllowed() {
    cluster
        .token("jane", Configs.JANE)
        .right("get a", Decision.ALLOW)
        .right("get b", Decision.ALLOW)
        .right("get u", Decision.UNDECIDED);
    assertThat(String.valueOf(ask(READ, jane("b|a")).tenantHeader())).isEqualTo("a|b");
    assertThat(refusal(READ, jane("b|a|u")).reason()).isEqualTo(Reason.UNDECIDED);
    cluster.warm = true; // a no that is known counts more than not knowing
    Refusal refusal = refusal(READ, jane("u|a|zzz|b|yyy"));
    assertThat(refusal.reason()).isEqualTo(Reason.FORBIDDEN);
    assertThat(refusal.detail()).contains("tenant zzz:").doesNotContain("yyy");
  }

  @Test
  void tenantsAreCheckedBeforeAnythingIsAskedAboutThem() {
    cluster.token("jane", Configs.JANE);
    for (Http2Headers head :
        List.of(
            head("authorization", "Bearer jane"),
            jane(""),
            jane("a:b"),
            jane("a,b"),
            head("authorization", "Bearer jane", "x-scope-orgid", "a", "x-scope-orgid", "b"))) {
      assertThat(refusal(READ, head).reason()).isEqualTo(Reason.TENANT_INVALID);
    }
    assertThat(refusal(WRITE, jane("a|b")).reason()).isEqualTo(Reason.TENANT_INVALID);
    assertThat(cluster.asked).containsOnly("token");
  }

  @Test
  void anOpenEndpointNeedsAValidTokenOnly() {
    cluster.token("jane", Configs.JANE);
    AccessDecision verdict = ask(OPEN, head("authorization", "Bearer jane"));
    assertThat(verdict.allowed()).isTrue();
    assertThat((Object) verdict.tenantHeader()).isNull();
    assertThat(refusal(OPEN, head("authorization", "Bearer x")).reason())
        .isEqualTo(Reason.UNAUTHENTICATED);
  }

  @Test
  void theMemoAnswersTheSameRequestForASecond() {
    cluster.token("jane", Configs.JANE).right("get payments", Decision.ALLOW);
    cluster.warm = true;
    AccessDecision first = access.known(READ, jane("payments"), memo);
    assertThat(access.known(READ, jane("payments"), memo)).isSameAs(first);
    assertThat(cluster.looked).hasSize(1);
    clock.turn(Duration.ofSeconds(1));
    access.known(READ, jane("payments"), memo);
    assertThat(cluster.looked).hasSize(2);
  }

  @Test
  void theMemoAnswersNoOtherRequest() {
    cluster
        .token("jane", Configs.JANE)
        .token("joe", Configs.user("joe"))
        .right("get payments", Decision.ALLOW);
    cluster.warm = true;
    Http2Headers allowed = jane("payments");
    assertThat(access.known(READ, allowed, memo).allowed()).isTrue();
    assertThat(access.known(WRITE, allowed, memo).allowed()).isFalse();
    assertThat(access.known(READ, allowed, memo).allowed()).isTrue();
    for (Http2Headers other :
        List.of(
            jane("showcase"),
            head("authorization", "Bearer jane"),
            head("x-scope-orgid", "payments"),
            head("authorization", "Bearer nobody", "x-scope-orgid", "payments"),
            head("authorization", "Bearer jane", "x-scope-orgid", "payments", "x-scope-orgid", "x"),
            head(
                "authorization",
                "Bearer jane",
                "authorization",
                "Bearer john",
                "x-scope-orgid",
                "payments"))) {
      assertThat(access.known(READ, allowed, memo).allowed()).isTrue();
      assertThat(access.known(READ, other, memo).allowed()).isFalse();
    }
  }

  @Test
  void theMemoEndsWithTheDecision() {
    cluster.right("get payments", Decision.ALLOW);
    cluster.tokens.put(
        "jane", new Authentication(Outcome.AUTHENTICATED, Configs.JANE, "", clock.millis() + 300));
    cluster.warm = true;
    access.known(READ, jane("payments"), memo);
    clock.turn(Duration.ofMillis(300));
    cluster.tokens.clear();
    assertThat(access.known(READ, jane("payments"), memo).allowed()).isFalse();
  }

  @Test
  void aClockThatIsSetBackDoesNotMakeTheMemoLast() {
    cluster.token("jane", Configs.JANE).right("get payments", Decision.ALLOW);
    cluster.warm = true;
    access.known(READ, jane("payments"), memo);
    clock.turn(Duration.ofHours(-1));
    access.known(READ, jane("payments"), memo);
    assertThat(cluster.looked).hasSize(2);
  }

  @Test
  void theMemoFindsEqualTextInAnotherObjectOfAnotherKind() {
    cluster.token("jane", Configs.JANE).right("get payments", Decision.ALLOW);
    cluster.warm = true;
    access.known(READ, jane("payments"), memo);
    Http2Headers strings =
        new DefaultHttp2Headers(false)
            .add("authorization", "Bearer jane")
            .add("x-scope-orgid", "payments");
    assertThat(access.known(READ, strings, memo).allowed()).isTrue();
    assertThat(cluster.looked).hasSize(1);
  }

  @Test
  void aDefectIsARefusalAndNoException() {
    PolicyAccess broken =
        new PolicyAccess(
            new Authenticator() {
              @Override
              public Authentication cached(CharSequence token) {
                return null;
              }

              @Override
              public Future<Authentication> authenticate(CharSequence token, Object client) {
                return Future.failedFuture(new IllegalStateException("secret"));
              }
            },
            cluster,
            new AccessConfig(
                true,
                Configs.tenancy(Source.HEADER),
                Configs.authorization(Mapping.TEMPO_OPERATOR)),
            clock,
            this::inForce);
    Refusal refusal =
        broken.ask(READ, jane("payments"), new ConnectionDecisionCache()).result().refusal();
    assertThat(refusal.reason()).isEqualTo(Reason.DEFECT);
    assertThat(refusal.detail()).doesNotContain("secret");
  }

  @Test
  void aValueThatComesTwiceIsOneAsGrafanaSendsIt() {
    cluster.token("jane", Configs.JANE).right("get payments", Decision.ALLOW);
    cluster.warm = true;
    Http2Headers once = jane("payments");
    for (String name : List.of("authorization", "x-scope-orgid")) {
      Http2Headers twice = new DefaultHttp2Headers().add(once);
      twice.add(AsciiString.of(name), AsciiString.of(once.get(name).toString()));
      assertThat(access.known(READ, twice, memo).allowed()).isTrue();
      assertThat(ask(READ, twice).allowed()).isTrue();
    }
  }

  @Test
  void aSecondValueThatDiffersIsRefusedWhateverIsRemembered() {
    cluster.token("jane", Configs.JANE).right("get payments", Decision.ALLOW);
    cluster.warm = true;
    Http2Headers once = jane("payments");
    assertThat(access.known(READ, once, memo).allowed()).isTrue();
    for (String name : List.of("authorization", "x-scope-orgid")) {
      AsciiString other = AsciiString.of(once.get(name) + "x");
      Http2Headers twice = new DefaultHttp2Headers().add(once).add(AsciiString.of(name), other);
      assertThat(access.known(READ, twice, memo).allowed()).isFalse();
      Http2Headers readOnly =
          ReadOnlyHttp2Headers.clientHeaders(
              false,
              AsciiString.of("GET"),
              AsciiString.of("/"),
              AsciiString.of("http"),
              AsciiString.of("h"),
              AsciiString.of(name),
              AsciiString.of(once.get(name)),
              AsciiString.of(name),
              other);
      assertThat(access.known(READ, readOnly, memo).allowed()).isFalse();
    }
  }

  @Test
  void aRepeatedRequestAllocatesNothing() {
    cluster.token("jane", Configs.JANE).right("get payments", Decision.ALLOW);
    cluster.warm = true;
    Http2Headers head = jane("payments");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long each = Long.MAX_VALUE;
    // The compiler takes its time; what counts is what it comes to.
    for (int round = 0; round < 40 && each > 0; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 100_000; i++) {
        access.known(READ, head, memo);
      }
      each = (threads.getCurrentThreadAllocatedBytes() - before) / 100_000;
    }
    assertThat(each).isZero();
  }

  @Test
  void tellsWhatTheConnectionRemembersFromWhatTheCachesHold() {
    cluster.token("jane", Configs.JANE).right("get payments", Decision.ALLOW);
    cluster.warm = true;

    assertThat(memo.last()).isNull();
    AccessDecision cached = access.known(READ, jane("payments"), memo);
    assertThat(memo.last()).isSameAs(cached);
    assertThat(access.known(READ, jane("payments"), memo)).isSameAs(cached);

    clock.turn(Duration.ofMillis(ConnectionDecisionCache.MILLIS));
    assertThat(access.known(READ, jane("payments"), memo)).isNotSameAs(cached);
  }

  // ---- certificates and static rules

  private PolicyAccess with(StaticRule... rules) {
    return new PolicyAccess(
        cluster,
        cluster,
        new AccessConfig(
            true,
            Configs.tenancy(Source.HEADER, Source.NAMESPACE),
            Configs.authorization(Mapping.TEMPO_OPERATOR, List.of(rules))),
        clock,
        this::inForce);
  }

  private static StaticRule rule(String user, String group, String account, String... tenants) {
    return new StaticRule(
        user, group, account, List.of(tenants), List.of(StaticRule.Operation.READ), null);
  }

  private ConnectionDecisionCache shown(User user, long untilMillis) {
    Proof proof = new Proof(Proof.Source.CERTIFICATE, "", clock.millis(), untilMillis, new Lease());
    Authentication authentication = Authentication.authenticated(user, untilMillis, proof);
    return new ConnectionDecisionCache(now -> authentication, "client");
  }

  @Test
  void aCertificateSaysWhoItIsWhenNoHeaderDoes() {
    cluster.right("get payments", Decision.ALLOW).token("joe", Configs.user("joe"));
    ConnectionDecisionCache jane = shown(Configs.JANE, clock.millis() + 10_000);
    Http2Headers bare = head("x-scope-orgid", "payments");

    AccessDecision verdict = access.ask(READ, bare, jane).result();
    assertThat(verdict.user()).isEqualTo("jane");
    assertThat(verdict.validUntilMillis()).isEqualTo(clock.millis() + 10_000);
    cluster.warm = true;
    assertThat(access.known(READ, bare, jane).user()).isEqualTo("jane");
    assertThat(access.known(READ, bare, jane)).isSameAs(access.known(READ, bare, jane));
    assertThat(cluster.looked).isEmpty();
  }

  @Test
  void aHeaderDecidesEvenABadOne() {
    cluster.right("get payments", Decision.ALLOW).token("joe", Configs.user("joe"));
    cluster.warm = true;
    ConnectionDecisionCache jane = shown(Configs.JANE, clock.millis() + 10_000);
    for (String bad : List.of("", "Bearer", "Bearer unknown", "Digest x", "Basic !!!")) {
      Http2Headers head = head("authorization", bad, "x-scope-orgid", "payments");
      assertThat(access.known(READ, head, jane).refusal().reason())
          .isEqualTo(Reason.UNAUTHENTICATED);
      assertThat(access.ask(READ, head, jane).result().refusal().reason())
          .isEqualTo(Reason.UNAUTHENTICATED);
    }
    Http2Headers joe = head("authorization", "Bearer joe", "x-scope-orgid", "payments");
    assertThat(access.known(READ, joe, jane).user()).isEqualTo("joe");
    Http2Headers bare = head("x-scope-orgid", "payments");
    assertThat(access.known(READ, bare, jane).user()).isEqualTo("jane");
  }

  @Test
  void rulesGrantToUsersGroupsAndServiceAccountsWithoutAQuestion() {
    User ops = new User("kim", "", List.of("dev", "ops"), Map.of());
    cluster.token("jane", Configs.JANE).token("kim", ops).token("ingest", Configs.INGEST);
    PolicyAccess ruled =
        with(
            rule("jane", null, null, "a", "b"),
            rule(null, "ops", null, "*"),
            rule(null, null, "payments/ingest", "c"));
    for (String allowed : List.of("jane a", "jane b", "kim z", "ingest c")) {
      Http2Headers head = asking(allowed);
      assertThat(ruled.ask(READ, head, new ConnectionDecisionCache()).result().allowed())
          .as(allowed)
          .isTrue();
      assertThat(ruled.ask(WRITE, head, new ConnectionDecisionCache()).result().allowed())
          .as(allowed)
          .isFalse();
    }
    assertThat(cluster.asked).doesNotContain("get a", "get b", "get z", "get c");
    for (String refused : List.of("jane c", "ingest a")) {
      assertThat(ruled.ask(READ, asking(refused), new ConnectionDecisionCache()).result().allowed())
          .isFalse();
    }
    assertThat(cluster.asked).contains("get c", "get a");
  }

  private static Http2Headers asking(String userAndTenant) {
    String[] words = userAndTenant.split(" ");
    return head("authorization", "Bearer " + words[0], "x-scope-orgid", words[1]);
  }

  @Test
  void rulesAndReviewsTogetherAllowAFederatedQuery() {
    cluster.token("jane", Configs.JANE).right("get r", Decision.ALLOW);
    PolicyAccess ruled = with(rule("jane", null, null, "a", "b"));
    for (String tenants : List.of("a|b", "a|r|b", "r|a")) {
      assertThat(ruled.ask(READ, jane(tenants), new ConnectionDecisionCache()).result().allowed())
          .isTrue();
    }
    assertThat(cluster.asked).containsOnly("token", "get r");
    cluster.warm = true;
    assertThat(ruled.known(READ, jane("a|r"), new ConnectionDecisionCache()).allowed()).isTrue();
    assertThat(ruled.known(READ, jane("a|n|r"), new ConnectionDecisionCache()).refusal().detail())
        .contains("tenant n:");
    AccessDecision refused = ruled.ask(READ, jane("a|n"), new ConnectionDecisionCache()).result();
    assertThat(refused.refusal().reason()).isEqualTo(Reason.FORBIDDEN);
    assertThat(refused.grounds().answers().get(0).ground().source())
        .isEqualTo(Authorization.Ground.Source.STATIC_RULE);
  }

  @Test
  void theNewConfigurationDecidesWhatLastsLonger() {
    cluster.token("jane", Configs.JANE);
    PolicyAccess first = with(rule("jane", null, null, "a"));
    PolicyAccess second = with(rule("jane", null, null, "a", "b"));
    PolicyAccess third = with();
    AccessDecision begun = first.ask(READ, jane("a"), memo).result();
    assertThat(begun.stands()).isTrue();

    inForce = second;
    first.retire();

    assertThat(begun.stands()).isFalse();
    AccessDecision again = begun.grounds().again().get().result();
    assertThat(again.allowed()).isTrue();
    assertThat(again.stands()).isTrue();

    inForce = third;
    second.retire();

    assertThat(again.stands()).isFalse();
    for (AccessDecision old : List.of(begun, again)) {
      assertThat(old.grounds().again().get().result().refusal().reason())
          .isEqualTo(Reason.FORBIDDEN);
    }
    assertThat(cluster.asked).contains("get a");
  }
}
