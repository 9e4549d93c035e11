package io.scopegate.gateway.access;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Proof;
import io.scopegate.authz.Authenticator;
import io.scopegate.authz.Authorization;
import io.scopegate.authz.Authorization.Decision;
import io.scopegate.authz.Authorization.Ground.Source;
import io.scopegate.authz.Authorizer;
import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.User;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.Operation;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Authenticates, finds the tenants and authorises each of them. The same steps twice: {@link
 * #known} with what the caches hold, {@link #ask} with what the cluster answers.
 */
public final class PolicyAccess implements Access {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyAccess.class);
  private static final AsciiString AUTHORIZATION = HttpHeaderNames.AUTHORIZATION;
  private static final AccessDecision PUBLIC =
      new AccessDecision(null, null, "", "", Long.MAX_VALUE);

  private final Authenticator authenticator;
  private final Authorizer authorizer;
  private final AccessConfig config;
  private final InstantSource clock;
  private final Credentials credentials;
  private final TenantResolver tenants;
  private final ResourceMapping mapping;
  private final StaticRules rules;
  private final ProxiedReviews proxied;
  private final Refusals refusals;
  private final Supplier<PolicyAccess> inForce;

  /**
   * Joins those who decide with the configuration of the request's side.
   *
   * @param inForce decides again about requests that outlive their decision; usually this one,
   *     until another configuration is in force
   */
  public PolicyAccess(
      Authenticator authenticator,
      Authorizer authorizer,
      AccessConfig config,
      InstantSource clock,
      Supplier<PolicyAccess> inForce) {
    this.inForce = inForce;
    this.authenticator = authenticator;
    this.authorizer = authorizer;
    this.config = config;
    this.clock = clock;
    this.credentials = new Credentials(config.basicPassword());
    this.tenants = new TenantResolver(config.tenancy());
    this.mapping = new ResourceMapping(config.authorization());
    this.proxied = new ProxiedReviews(config.authorization(), config.tenancy(), mapping);
    this.rules = new StaticRules(config.authorization().staticRules());
    this.refusals = new Refusals(bound -> ThreadLocalRandom.current().nextInt(bound));
  }

  /**
   * For an explanation: decides by the same rules and caches, but takes each token for this user's.
   * Never for a client's request.
   */
  public PolicyAccess as(User user) {
    Authentication assumed =
        Authentication.authenticated(user, Long.MAX_VALUE, Proof.of(Proof.Source.NONE));
    return new PolicyAccess(
        new Authenticator() {
          @Override
          public Authentication cached(CharSequence token) {
            return assumed;
          }

          @Override
          public Future<Authentication> authenticate(CharSequence token, Object client) {
            return Future.succeededFuture(assumed);
          }
        },
        authorizer,
        config,
        clock,
        inForce);
  }

  @Override
  public Future<String> otherMapping(Endpoint endpoint, DecisionBasis grounds) {
    return OtherMapping.of(config.authorization(), authorizer, endpoint, grounds);
  }

  /**
   * Another configuration is in force: what static rules have granted is decided again at once,
   * which costs no question. Call it when the other one decides already.
   */
  public void retire() {
    rules.end();
  }

  @Override
  public @Nullable AccessDecision known(
      Endpoint endpoint, Http2Headers head, ConnectionDecisionCache memo) {
    Operation operation = endpoint.operation();
    if (operation == Operation.PUBLIC) {
      return PUBLIC;
    }
    CharSequence authorization = head.get(AUTHORIZATION);
    if (endpoint.isProxied()) { // what is reviewed may be anywhere in the head
      return fromCaches(new Request(endpoint, head, authorization, null, memo));
    }
    CharSequence tenant = head.get(tenants.header());
    boolean single =
        !(authorization != null && memo.differs(head, AUTHORIZATION)
            || tenant != null && memo.differs(head, tenants.header()));
    long now = clock.millis();
    AccessDecision verdict =
        single ? memo.recall(this, operation, authorization, tenant, now) : null;
    if (verdict != null) {
      return verdict;
    }
    verdict = fromCaches(new Request(endpoint, head, authorization, tenant, memo));
    if (verdict != null && single && holds(verdict)) {
      memo.remember(this, operation, authorization, tenant, verdict, now);
    }
    return verdict;
  }

  /** Other refusals are found as fast as a memo is read, or must not be kept at all. */
  private static boolean holds(AccessDecision verdict) {
    return verdict.refusal() == null || verdict.refusal().reason() == Reason.FORBIDDEN;
  }

  private @Nullable AccessDecision fromCaches(Request request) {
    Credentials.Found found = request.credentials(credentials);
    Authentication peer = request.peer(clock.millis());
    if (peer == null && found.token() == null) {
      return refused(found);
    }
    Authentication authentication =
        peer != null ? peer : authenticator.cached(Objects.requireNonNull(found.token()));
    if (authentication == null) {
      return null;
    }
    Step step = step(request, authentication);
    Pending pending = step.pending();
    if (pending == null) {
      return step.verdict();
    }
    List<Authorization> answers = new ArrayList<>(pending.questions().size());
    for (int i = 0; i < pending.questions().size(); i++) {
      Authorization answer = cached(request, pending, i);
      if (answer == null) {
        return null;
      }
      answers.add(answer);
      if (answer.decision() == Decision.DENY) {
        break;
      }
    }
    return conclude(request, pending, answers);
  }

  private @Nullable Authorization cached(Request request, Pending pending, int i) {
    Authorization granted = granted(request, pending, i);
    return granted != null
        ? granted
        : authorizer.cached(pending.user(), pending.questions().get(i));
  }

  private @Nullable Authorization granted(Request request, Pending pending, int i) {
    return request.wanted != null
        ? rules.grant(pending.user(), pending.questions().get(i))
        : rules.grant(pending.user(), pending.resolved().names().get(i), request.operation);
  }

  private static AccessDecision refused(Credentials.Found found) {
    return new AccessDecision(found.refusal(), null, "", "", 0);
  }

  @Override
  public Future<AccessDecision> ask(
      Endpoint endpoint, Http2Headers head, ConnectionDecisionCache memo) {
    if (endpoint.operation() == Operation.PUBLIC) {
      return Future.succeededFuture(PUBLIC);
    }
    try {
      Request request =
          new Request(endpoint, head, head.get(AUTHORIZATION), head.get(tenants.header()), memo);
      return ask(request);
    } catch (RuntimeException e) {
      return defect(e);
    }
  }

  /** Called while an event loop looks after all its exchanges, which a defect must not end. */
  private Future<AccessDecision> again(Request request) {
    try {
      return ask(request);
    } catch (RuntimeException e) {
      return defect(e);
    }
  }

  private Future<AccessDecision> ask(Request request) {
    Credentials.Found found = request.credentials(credentials);
    Authentication peer = request.peer(clock.millis());
    CharSequence token = found.token();
    if (peer == null && token == null) {
      return Future.succeededFuture(refused(found));
    }
    Future<Authentication> authentication =
        peer != null || token == null
            ? Future.succeededFuture(peer)
            : authenticator.authenticate(token, request.client, user -> prepare(request, user));
    return authentication
        .compose(answer -> authorize(request, answer))
        .recover(PolicyAccess::defect);
  }

  /**
   * Asks what will be asked first if this is the user, while the API server still looks at the
   * token. The answer is kept under this user and found by the decision only if the token is
   * theirs.
   */
  private void prepare(Request request, User user) {
    Authentication assumed =
        Authentication.authenticated(user, Long.MAX_VALUE, Proof.of(Proof.Source.NONE));
    Pending pending = step(request, assumed).pending();
    if (pending != null && !pending.questions().isEmpty() && granted(request, pending, 0) == null) {
      Future<Authorization> unused =
          authorizer.authorize(pending.user(), pending.questions().get(0));
    }
  }

  private Future<AccessDecision> authorize(Request request, Authentication authentication) {
    Step step = step(request, authentication);
    Pending pending = step.pending();
    if (pending == null) {
      return Future.succeededFuture(step.verdict());
    }
    return next(request, pending, new ArrayList<>(pending.questions().size()))
        .map(answers -> conclude(request, pending, answers));
  }

  /**
   * Asks about one member after the other, up to the first no: a query that names many tenants must
   * not take many places in the queue, nor ask what can change nothing any more.
   */
  private Future<List<Authorization>> next(
      Request request, Pending pending, List<Authorization> answers) {
    if (answers.size() == pending.questions().size()) {
      return Future.succeededFuture(answers);
    }
    Authorization granted = granted(request, pending, answers.size());
    if (granted != null) {
      answers.add(granted);
      return next(request, pending, answers);
    }
    return authorizer
        .authorize(pending.user(), pending.questions().get(answers.size()))
        .compose(answer -> {
          answers.add(answer);
          return switch (answer.decision()) {
            case ALLOW -> next(request, pending, answers);
            case DENY -> Future.succeededFuture(answers);
            case UNDECIDED -> Future.succeededFuture(rest(request, pending, answers, answer));
          };
        });
  }

  /** Who cannot be asked about one cannot be asked about the next; a no that is known counts. */
  private List<Authorization> rest(
      Request request, Pending pending, List<Authorization> answers, Authorization undecided) {
    while (answers.size() < pending.questions().size()) {
      Authorization known = cached(request, pending, answers.size());
      answers.add(known == null ? undecided : known);
    }
    return answers;
  }

  private static Future<AccessDecision> defect(Throwable failure) {
    LOG.error("A decision failed", failure);
    Refusal refusal = Refusal.of(Reason.DEFECT, "access: the decision failed");
    return Future.succeededFuture(new AccessDecision(refusal, null, "", "", 0));
  }

  /** From who it is to what has to be asked. */
  private Step step(Request request, Authentication authentication) {
    User user = authentication.user();
    if (user == null) {
      Refusal refusal =
          authentication.outcome() == Authentication.Outcome.UNAUTHENTICATED
              ? Refusals.unauthenticated(authentication.reason())
              : refusals.undecided("authentication", authentication.reason());
      return Step.ended(refusal, "", authentication.validUntilMillis(), request, authentication);
    }
    if (request.operation == Operation.OPEN) {
      return Step.ended(
          null, user.name(), authentication.validUntilMillis(), request, authentication);
    }
    if (request.wanted != null) {
      return proxied(request, request.wanted, user, authentication);
    }
    TenantResolver.Resolved resolved = request.tenants(tenants, user, authentication.proof());
    if (resolved.refusal() != null) {
      return Step.ended(resolved.refusal(), user.name(), 0, request, authentication);
    }
    List<ResourceAttributes> questions = new ArrayList<>(resolved.names().size());
    for (String name : resolved.names()) {
      questions.add(mapping.attributes(name, request.operation, user));
    }
    return new Step(null, new Pending(authentication, user, resolved, questions));
  }

  private Step proxied(
      Request request, ProxiedReviews.Wanted wanted, User user, Authentication authentication) {
    if (wanted.refusal() != null) {
      return Step.ended(wanted.refusal(), user.name(), 0, request, authentication);
    }
    return new Step(
        null,
        new Pending(
            authentication,
            user,
            TenantResolver.Resolved.proxied(wanted),
            proxied.questions(wanted, user)));
  }

  /** All members must be allowed; a no counts more than not knowing, and ends the answers. */
  private AccessDecision conclude(Request request, Pending pending, List<Authorization> answers) {
    long until = pending.authentication().validUntilMillis();
    DecisionBasis grounds = pending.grounds(answers, request.again());
    Authorization undecided = null;
    for (int i = 0; i < answers.size(); i++) {
      Authorization answer = answers.get(i);
      boolean foreign =
          request.wanted == null && tenants.isIdOfAnother(pending.resolved().names().get(i));
      if (answer.decision() == Decision.DENY || foreign && answer.decision() == Decision.ALLOW) {
        Refusal refusal = forbidden(request, pending, i, answer);
        return pending.verdict(refusal, Math.min(until, answer.validUntilMillis()), grounds);
      }
      if (answer.decision() == Decision.UNDECIDED && undecided == null) {
        undecided = answer;
      }
      until = Math.min(until, answer.validUntilMillis());
    }
    return undecided == null
        ? pending.verdict(null, until, grounds)
        : pending.verdict(refusals.undecided("authorization", undecided.reason()), 0, grounds);
  }

  private static Refusal forbidden(Request request, Pending pending, int i, Authorization answer) {
    if (request.wanted != null) {
      return Refusals.forbidden(pending.user(), pending.questions().get(i));
    }
    String tenant = pending.resolved().names().get(i);
    return answer.ground().source() == Source.STATIC_RULE
        ? Refusals.noRule(pending.user(), tenant, request.operation)
        : Refusals.forbidden(pending.user(), tenant, request.operation, pending.questions().get(i));
  }

  /** What is read from a head; holds on to nothing else of it, for it may be asked again. */
  private final class Request {
    private final Operation operation;
    private final ProxiedReviews.@Nullable Wanted wanted;
    private final @Nullable CharSequence authorization;
    private final boolean authorizationsDiffer;
    private final @Nullable CharSequence tenant;
    private final boolean tenantHeadersDiffer;
    private final ConnectionIdentity peer;
    private final Object client;

    Request(
        Endpoint endpoint,
        Http2Headers head,
        @Nullable CharSequence authorization,
        @Nullable CharSequence tenant,
        ConnectionDecisionCache memo) {
      this.operation = endpoint.operation();
      this.wanted = endpoint.isProxied() ? proxied.wanted(endpoint, head) : null;
      this.authorization = authorization;
      this.authorizationsDiffer = HeaderValue.differs(head, AUTHORIZATION);
      this.tenant = tenant;
      this.tenantHeadersDiffer = HeaderValue.differs(head, tenants.header());
      this.peer = memo.peer();
      this.client = memo.client();
    }

    Credentials.Found credentials(Credentials credentials) {
      return authorizationsDiffer ? credentials.several() : credentials.read(authorization);
    }

    /** A header decides alone, even one that is no good. */
    @Nullable Authentication peer(long nowMillis) {
      return authorization == null ? peer.authentication(nowMillis) : null;
    }

    /** By the configuration that is in force then. */
    Supplier<Future<AccessDecision>> again() {
      return () -> inForce.get().again(this);
    }

    TenantResolver.Resolved tenants(TenantResolver tenants, User user, Proof proof) {
      return tenantHeadersDiffer
          ? tenants.several()
          : tenants.resolve(tenant, user, proof, operation);
    }
  }

  /** Between authentication and authorisation: exactly one of both. */
  private record Step(@Nullable AccessDecision ended, @Nullable Pending pending) {

    static Step ended(
        @Nullable Refusal refusal,
        String user,
        long until,
        PolicyAccess.Request request,
        Authentication authentication) {
      DecisionBasis grounds =
          new DecisionBasis(authentication, List.of(), "", List.of(), List.of(), request.again());
      return new Step(new AccessDecision(refusal, null, "", user, until, grounds), null);
    }

    AccessDecision verdict() {
      return Objects.requireNonNull(ended);
    }
  }

  /**
   * What has to be authorised.
   *
   * @param questions one for each of the tenants, in their order
   */
  private record Pending(
      Authentication authentication,
      User user,
      TenantResolver.Resolved resolved,
      List<ResourceAttributes> questions) {

    DecisionBasis grounds(List<Authorization> answers, Supplier<Future<AccessDecision>> again) {
      return new DecisionBasis(
          authentication, resolved.names(), resolved.source(), questions, answers, again);
    }

    AccessDecision verdict(@Nullable Refusal refusal, long until, DecisionBasis grounds) {
      AsciiString sent = refusal == null ? resolved.sent() : null;
      return new AccessDecision(refusal, sent, resolved.label(), user.name(), until, grounds);
    }
  }
}
