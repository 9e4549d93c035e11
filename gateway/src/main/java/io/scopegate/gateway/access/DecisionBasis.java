package io.scopegate.gateway.access;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authorization;
import io.scopegate.authz.ResourceAttributes;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a verdict rests on: for requests that outlive it, for the audit log and for {@code explain}.
 * One object for all requests that share a verdict.
 *
 * @param authentication who it is
 * @param tenants the tenants, as the client named them; empty when none were established
 * @param tenantSource where they come from, as in {@code tenancy.source}; empty likewise
 * @param questions what was to be asked, one for each tenant
 * @param answers the answers in the same order, as far as they were needed
 * @param again decides the same request again, and asks where an answer is missing; completes on
 *     the calling event loop and never fails
 */
public record DecisionBasis(
    Authentication authentication,
    List<String> tenants,
    String tenantSource,
    List<ResourceAttributes> questions,
    List<Authorization> answers,
    Supplier<Future<AccessDecision>> again) {

  /** Copies the lists. */
  public DecisionBasis {
    tenants = List.copyOf(tenants);
    questions = List.copyOf(questions);
    answers = List.copyOf(answers);
  }

  /** Whether no answer has ended before its time. */
  boolean stand() {
    if (authentication.proof().lease().ended()) {
      return false;
    }
    for (int i = 0; i < answers.size(); i++) { // on every request's way: no iterator
      if (answers.get(i).ground().lease().ended()) {
        return false;
      }
    }
    return true;
  }

  /** Whether an answer among them serves past its time, because nobody can be asked. */
  public boolean stale() {
    if (authentication.proof().stale()) {
      return true;
    }
    for (int i = 0; i < answers.size(); i++) { // once for each line of the audit log: no iterator
      if (answers.get(i).ground().stale()) {
        return true;
      }
    }
    return false;
  }

  /** When the credential itself ends, in milliseconds since the epoch. */
  public long notAfterMillis() {
    return authentication.proof().notAfterMillis();
  }
}
