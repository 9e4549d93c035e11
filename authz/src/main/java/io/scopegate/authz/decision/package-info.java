/** How identities and rights are decided: tokens, keys, certificates, reviews, and their caches. */
@NullMarked
package io.scopegate.authz.decision;

import org.jspecify.annotations.NullMarked;
