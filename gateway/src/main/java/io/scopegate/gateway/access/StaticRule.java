package io.scopegate.gateway.access;

import io.scopegate.config.Key;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A rule that grants without a review: one of user, group and service account.
 *
 * @param user the user's name
 * @param group a group of the user
 * @param serviceAccount {@code namespace/name}
 * @param tenants the tenants it holds for, as clients name them; {@code *} is all of them
 * @param operations what it allows
 * @param review instead of tenants and operations, the reviews of proxied requests it holds for
 */
public record StaticRule(
    @Key(doc = "User that it grants to.", reload = Key.Reload.AT_ONCE) @Nullable String user,
    @Key(doc = "Group that it grants to.", reload = Key.Reload.AT_ONCE) @Nullable String group,
    @Key(
            doc = "Service account that it grants to, as `namespace/name`.",
            reload = Key.Reload.AT_ONCE)
        @Nullable String serviceAccount,
    @Key(
            doc = "Tenants that it grants; `*` is all of them.",
            def = "[]",
            reload = Key.Reload.AT_ONCE)
        List<String> tenants,
    @Key(doc = "Operations it allows.", def = "[]", reload = Key.Reload.AT_ONCE)
        List<Operation> operations,
    @Key(
            doc =
                "What it allows where requests are proxied (`serves: [proxy]`), instead of `tenants`"
                    + " and `operations`.",
            reload = Key.Reload.AT_ONCE)
        @Nullable StaticReview review) {

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
    WRITE,
    /** Changes the tenant's configuration. */
    ADMIN
  }
}
