package io.scopegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Proof;
import io.scopegate.authz.Authorization;
import io.scopegate.authz.Authorization.Decision;
import io.scopegate.authz.Authorization.Ground;
import io.scopegate.authz.Lease;
import io.vertx.core.Future;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecisionBasisTest {
  private final Lease identity = new Lease();
  private final Lease right = new Lease();
  private final Authentication authentication =
      Authentication.authenticated(
          Configs.JANE, 1_000, new Proof(Proof.Source.OIDC, "", 5, 7_000, identity));
  private final Authorization fresh = new Authorization(Decision.ALLOW, "", 1_000);
  private final Authorization answer =
      new Authorization(Decision.ALLOW, "", 1_000, new Ground(Ground.Source.NONE, 5, right));

  private DecisionBasis basis(Authentication who, Authorization... answers) {
    return new DecisionBasis(
        who, List.of(), "", List.of(), List.of(answers), () -> Future.failedFuture("not asked"));
  }

  @Test
  void itStandsUntilOneOfItsAnswersEnds() {
    DecisionBasis basis = basis(authentication, fresh, answer);
    assertThat(basis.stand()).isTrue();
    right.end();
    assertThat(basis.stand()).isFalse();
    assertThat(basis(authentication, fresh).stand()).isTrue();
    identity.end();
    assertThat(basis(authentication, fresh).stand()).isFalse();
  }

  @Test
  void itIsStaleWhenOneOfItsAnswersIs() {
    assertThat(basis(authentication, fresh, answer).stale()).isFalse();
    assertThat(basis(authentication, fresh, answer.staleUntil(2_000)).stale()).isTrue();
    assertThat(basis(authentication.staleUntil(2_000), fresh).stale()).isTrue();
  }

  @Test
  void itKnowsWhenTheCredentialEnds() {
    assertThat(basis(authentication).notAfterMillis()).isEqualTo(7_000);
  }
}
