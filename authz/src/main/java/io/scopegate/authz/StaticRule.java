package io.scopegate.authz;

import io.scopegate.config.Key;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A rule that grants without a review: one of user, group and service account.
 *
 * @param user the user's name
 * @param group a group of the user
 * @param serviceAccount {@code namespace/name}
 * @param tenants the tenants it holds for
 * @param operations what it allows
 */
public record StaticRule(
    @Key(doc = "Name of the user it holds for.") @Nullable String user,
    @Key(doc = "Group it holds for.") @Nullable String group,
    @Key(doc = "Service account it holds for, as `namespace/name`.")
        @Nullable String serviceAccount,
    @Key(doc = "Tenants it holds for.") List<String> tenants,
    @Key(doc = "Operations it allows.") List<Operation> operations) {

  /** Copies the lists. */
  public StaticRule {
    tenants = List.copyOf(tenants);
    operations = List.copyOf(operations);
  }

  /** What a rule can allow. */
  public enum Operation {
    /** Reads traces. */
    READ,
    /** Stores traces. */
    WRITE
  }
}
