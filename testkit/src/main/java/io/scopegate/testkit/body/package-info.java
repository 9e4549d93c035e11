/**
 * Bodies as clients and attackers send them, without end and always the same from the same seed: of
 * every ingest protocol, with the number of spans known, and damaged in every way.
 */
@NullMarked
package io.scopegate.testkit.body;

import org.jspecify.annotations.NullMarked;
