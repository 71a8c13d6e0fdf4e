// Compares two versions of an API (`puente diff`).
#pragma once

#include <vector>

#include "descriptors/change.h"
#include "descriptors/descriptor_set.h"

namespace puente {

// What changed from `before` to `after`, breaking changes first, then by the names of the elements.
//
// Breaking: a service or a method that is gone, or streams differently; another request or response
// type; an HTTP rule that is gone or binds something else (the names of its variables don't count,
// the fields they bind do), or a new one that takes paths from an old one; a field that is gone,
// renamed, or has another number, type, label, JSON name, default or oneof; a new field that takes
// a name by which JSON had another; an enum value that is gone, renamed or renumbered, or is
// printed by another alias; an enum that was open and is closed now, or the other way round. What
// served methods don't reach is never breaking; methods that are gone don't count as served. A type
// that was renamed and kept its fields is no other type, and is looked into under its old name.
// Additions, deprecation, reservations and other options are never breaking. Comments are not
// looked at, nor are proto2 extensions and the well-known types, which are the same everywhere.
//
// A type that takes the place of more than 16 others counts as another type. Takes time linear in
// both sets.
std::vector<Change> DiffDescriptors(const DescriptorSet& before, const DescriptorSet& after);

}  // namespace puente
